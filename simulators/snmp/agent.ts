import { type CommunityMessage, decodeMessage, encodeCommunityMessage, type V3Message } from './message.ts';
import type { CarryOut, MibView } from './mib-view.ts';
import { ERROR_STATUS, PDU, type Pdu } from './pdu.ts';
import { asVersion1 } from './v1.ts';
import { V3Engine, type V3User } from './v3-engine.ts';

/** Who may read and set: one community, or one SNMPv3 user. */
export type Access = { version: 'V1' | 'V2C'; community: string } | ({ version: 'V3' } & V3User);

export type Answer = {
  octets: Buffer;
  /** The same answer made again from another PDU, for faults that change what is said and not how. */
  remake: (change: (pdu: Pdu) => Pdu) => Buffer;
};

/**
 * An SNMP agent: datagram in, datagram out; sockets are the caller's.
 *
 * It is our own and not net-snmp's createAgent, which answers a wrong SNMPv3 key with silence, keeps no engine time, and
 * would share its code with the client that these agents are there to test.
 */
export class Agent<Subject> {
  readonly #view: MibView<Subject>;
  readonly #subject: Subject;
  readonly #access: Access;
  readonly #engine: V3Engine | null;
  readonly #carryOut: CarryOut | undefined;

  constructor(options: {
    view: MibView<Subject>;
    subject: Subject;
    access: Access;
    engineName: string;
    /** On performance.now's clock; SNMPv3 engine time counts from it. */
    startedAtMs: number;
    /** What becomes of a SET by somebody who may set. @default it is done at once */
    carryOut?: CarryOut;
  }) {
    this.#view = options.view;
    this.#subject = options.subject;
    this.#access = options.access;
    this.#carryOut = options.carryOut;
    const { access, engineName, startedAtMs } = options;
    this.#engine = access.version === 'V3' ? new V3Engine({ name: engineName, user: access, startedAtMs }) : null;
  }

  /** What a display would send back, or null where it would stay silent. Never throws. */
  answer(datagram: Buffer): Answer | null {
    let message: CommunityMessage | V3Message;
    try {
      message = decodeMessage(datagram);
    } catch {
      return null;
    }
    return message.version === 3 ? this.#answerV3(message, datagram) : this.#answerCommunity(message);
  }

  #answerCommunity({ version, community, pdu }: CommunityMessage): Answer | null {
    // RFC 3584 §5.2.1: nobody is told that a community is wrong.
    const spoken = version === 1 ? 'V1' : 'V2C';
    if (this.#access.version !== spoken || community !== this.#access.community) return null;
    const answer = this.#view.answer(this.#subject, pdu, this.#carryOut);
    const response = version === 1 ? asVersion1(pdu, answer) : answer;
    if (response === null) return null;
    const remake = (change: (pdu: Pdu) => Pdu): Buffer =>
      encodeCommunityMessage({ version, community, pdu: change(response) });
    return { octets: remake((unchanged) => unchanged), remake };
  }

  #answerV3(message: V3Message, datagram: Buffer): Answer | null {
    const outcome = this.#engine?.receive(message, datagram) ?? null;
    if (outcome === null) return null;
    if (outcome.kind === 'report') return { octets: outcome.octets, remake: () => outcome.octets };
    const { scoped, isAllowed, seal } = outcome;
    const refusal = { ...scoped.pdu, type: PDU.response, errorStatus: ERROR_STATUS.authorizationError, errorIndex: 0 };
    const response = isAllowed ? this.#view.answer(this.#subject, scoped.pdu, this.#carryOut) : refusal;
    if (response === null) return null;
    const remake = (change: (pdu: Pdu) => Pdu): Buffer => seal({ ...scoped, pdu: change(response) });
    return { octets: remake((unchanged) => unchanged), remake };
  }
}
