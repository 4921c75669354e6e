import { ERROR_STATUS, PDU, type Pdu, type SnmpData, type Varbind } from './pdu.ts';

/** One object instance that an agent serves. `Subject` is whose value it is, so that many agents share one table. */
export type Variable<Subject> = {
  oid: string;
  /** null: this subject lacks the object. */
  read: (subject: Subject) => SnmpData | null;
  /** What must be done to set it, or an error-status. Nothing changes before every varbind of a request has been accepted. */
  write?: (subject: Subject, data: SnmpData) => (() => void) | number;
};

/** What is said of a SET. */
export type SetResult = { errorStatus: number; errorIndex: number };
/** A SET that was judged and not yet carried out: `commit` does it, and does nothing for one that was refused. */
export type PreparedSet = SetResult & { commit: () => void };
export type CarryOut = (set: PreparedSet) => SetResult;

const atOnce: CarryOut = (set) => {
  set.commit();
  return set;
};

/** Keeps answers in one Ethernet frame, and so unfragmented. */
const BULK_VARBINDS = 24;

const arcsOf = (oid: string): number[] => oid.split('.').map(Number);

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** What an agent shows: variables in the order of their OIDs, and RFC 3416 §4.2 over them. */
export class MibView<Subject> {
  readonly #ordered: { arcs: number[]; variable: Variable<Subject> }[];
  readonly #byOid: Map<string, Variable<Subject>>;

  constructor(variables: Variable<Subject>[]) {
    this.#ordered = variables
      .map((variable) => ({ arcs: arcsOf(variable.oid), variable }))
      .sort((a, b) => compare(a.arcs, b.arcs));
    this.#byOid = new Map(variables.map((variable) => [variable.oid, variable]));
  }

  /** The response to a request, or null for a PDU that is none. `carryOut` decides what becomes of a SET. */
  answer(subject: Subject, request: Pdu, carryOut: CarryOut = atOnce): Pdu | null {
    const respond = (varbinds: Varbind[], errorStatus = 0, errorIndex = 0): Pdu => ({
      type: PDU.response,
      requestId: request.requestId,
      errorStatus,
      errorIndex,
      varbinds,
    });
    switch (request.type) {
      case PDU.get:
        return respond(request.varbinds.map(({ oid }) => this.#get(subject, oid)));
      case PDU.getNext:
        return respond(request.varbinds.map(({ oid }) => this.#next(subject, oid)));
      case PDU.getBulk:
        return respond(this.#bulk(subject, request));
      case PDU.set: {
        const { errorStatus, errorIndex } = carryOut(this.#prepare(subject, request.varbinds));
        return respond(request.varbinds, errorStatus, errorIndex);
      }
      default:
        return null;
    }
  }

  #get(subject: Subject, oid: string): Varbind {
    const data = this.#byOid.get(oid)?.read(subject) ?? null;
    if (data !== null) return { oid, data };
    const column = oid.slice(0, oid.lastIndexOf('.'));
    const isKnownObject = this.#ordered.some(({ variable }) => variable.oid.startsWith(`${column}.`));
    return { oid, data: { syntax: isKnownObject ? 'noSuchInstance' : 'noSuchObject' } };
  }

  #next(subject: Subject, oid: string): Varbind {
    const arcs = arcsOf(oid);
    for (const { arcs: candidate, variable } of this.#ordered) {
      if (compare(candidate, arcs) <= 0) continue;
      const data = variable.read(subject);
      if (data !== null) return { oid: variable.oid, data };
    }
    return { oid, data: { syntax: 'endOfMibView' } };
  }

  #bulk(subject: Subject, { errorStatus: nonRepeaters, errorIndex: maxRepetitions, varbinds }: Pdu): Varbind[] {
    const answer = varbinds.slice(0, Math.max(nonRepeaters, 0)).map(({ oid }) => this.#next(subject, oid));
    let row = varbinds.slice(Math.max(nonRepeaters, 0));
    for (let i = 0; i < maxRepetitions && row.length > 0 && answer.length + row.length <= BULK_VARBINDS; i++) {
      row = row.map(({ oid }) => this.#next(subject, oid));
      answer.push(...row);
      if (row.every(({ data }) => data.syntax === 'endOfMibView')) break;
    }
    return answer;
  }

  #prepare(subject: Subject, varbinds: Varbind[]): PreparedSet {
    const changes: (() => void)[] = [];
    for (const [i, { oid, data }] of varbinds.entries()) {
      const write = this.#byOid.get(oid)?.write;
      const missing = this.#byOid.has(oid) ? ERROR_STATUS.notWritable : ERROR_STATUS.noCreation;
      const change = write?.(subject, data) ?? missing;
      if (typeof change === 'number') return { errorStatus: change, errorIndex: i + 1, commit: () => undefined };
      changes.push(change);
    }
    const commit = (): void => {
      for (const change of changes) change();
    };
    return { errorStatus: ERROR_STATUS.noError, errorIndex: 0, commit };
  }
}
