import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { changeGroupMethods } from './change-group-methods.ts';
import { ChangeGroups, type GroupCount } from './change-groups.ts';
import { controlMethods } from './control-methods.ts';
import { ERROR, QrcError } from './errors.ts';
import type { Fault } from './faults.ts';
import { type Method, type MethodContext, method } from './methods.ts';
import { mixerMethods } from './mixer-methods.ts';
import { Outbox } from './outbox.ts';
import { snapshotMethods } from './snapshot-methods.ts';
import type { Wire, WireUser } from './wire.ts';

export type CoreState = 'Idle' | 'Active' | 'Standby';
/** Who may control a Core. */
export type CoreUser = { name: string; password: string };

/** What a Core tells of itself, by StatusGet and EngineStatus. */
export type EngineStatus = {
  Platform: string;
  State: CoreState;
  DesignName: string;
  DesignCode: string;
  IsRedundant: boolean;
  IsEmulator: boolean;
  Status: { Code: number; String: string };
};

/** The Core that a session is one with. */
export type SessionCore = Pick<MethodContext, 'design'> & {
  readonly user: CoreUser | null;
  readonly silenceMs: number;
  readonly groupCount: GroupCount;
  status: () => EngineStatus;
  fault: () => Fault | null;
  random: () => number;
  /** @throws QrcError; DroppedError when the connection has to end without an answer */
  carryOut: MethodContext['carryOut'];
};

/** Raised in place of an answer: the Core drops the connection. */
export class DroppedError extends Error {
  readonly code = 'DROPPED';
}

const requestSchema = z.object({
  jsonrpc: z.literal('2.0'),
  method: z.string(),
  params: z.unknown().optional(),
  // Numbers by the help, texts by the vendor's own websocket client: whatever comes is given back.
  id: z.unknown().optional(),
});

/** What was read need not be fit to be written again: writing takes a stack as deep as the value. */
function isWritable(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}

type Request = z.infer<typeof requestSchema>;

function parseRequest(message: string | null): Request | { id: unknown; error: QrcError } {
  if (message === null) {
    return { id: null, error: new QrcError(ERROR.invalidRequest, 'The message is too long, or no UTF-8') };
  }
  let body: unknown;
  try {
    body = JSON.parse(message);
  } catch {
    return { id: null, error: new QrcError(ERROR.parse, 'The message is not JSON') };
  }
  const given = typeof body === 'object' && body !== null && 'id' in body ? body.id : null;
  const id = isWritable(given) ? given : null;
  const request = requestSchema.safeParse(body);
  if (request.success && id === given) return request.data;
  return { id, error: new QrcError(ERROR.invalidRequest, 'The message is no JSON-RPC 2.0 request') };
}

const designMethods: Record<string, Method> = {
  ...controlMethods,
  ...changeGroupMethods,
  ...mixerMethods,
  ...snapshotMethods,
};

const isSame = (a: string, b: string): boolean => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
};

/** One client's connection: its logon, its change groups, and the time since it last said something. */
export class Session implements WireUser {
  readonly #wire: Wire;
  readonly #core: SessionCore;
  readonly #outbox: Outbox;
  readonly #context: MethodContext;
  readonly #silence: NodeJS.Timeout;
  readonly #onClosed: (session: Session) => void;
  readonly #groups: ChangeGroups;
  #isLoggedOn: boolean;

  constructor(wire: Wire, core: SessionCore, onClosed: (session: Session) => void) {
    this.#wire = wire;
    this.#core = core;
    this.#onClosed = onClosed;
    this.#outbox = new Outbox(wire, core.fault, core.random);
    this.#isLoggedOn = core.user === null;
    this.#groups = new ChangeGroups({
      design: core.design,
      count: core.groupCount,
      push: (changes) => this.#outbox.post(notification('ChangeGroup.Poll', changes)),
    });
    this.#context = { design: core.design, groups: this.#groups, carryOut: core.carryOut };
    // Only what the client sends counts: pushes to it do not keep it.
    this.#silence = setTimeout(() => wire.end(), core.silenceMs).unref();
    this.tellStatus();
  }

  tellStatus(): void {
    this.#outbox.post(notification('EngineStatus', this.#core.status()), { isSpared: true });
  }

  receive(message: string | null): void {
    this.#silence.refresh();
    const request = parseRequest(message);
    if (!('error' in request)) {
      this.#serve(request);
      return;
    }
    this.#fail(request.id, request.error);
    // What follows can't be told apart from the rest of it.
    if (message === null) this.#wire.end();
  }

  closed(): void {
    clearTimeout(this.#silence);
    this.#groups.destroyAll();
    this.#outbox.close();
    this.#onClosed(this);
  }

  drop(): void {
    this.#wire.destroy();
  }

  /** Every change group ends: on standby there is nothing to watch. */
  forgetGroups(): void {
    this.#groups.destroyAll();
  }

  #serve({ id, method: name, params }: Request): void {
    try {
      const result = this.#methodFor(name)(this.#context, params);
      // Without an id it is a notification, which has no answer.
      if (id !== undefined) this.#outbox.post(JSON.stringify({ jsonrpc: '2.0', id, result }));
    } catch (err) {
      if (err instanceof DroppedError) this.#wire.destroy();
      else if (!(err instanceof QrcError)) throw err;
      else if (id !== undefined) this.#fail(id, err);
    }
  }

  /** @throws QrcError */
  #methodFor(name: string): Method {
    if (name === 'NoOp') return () => true;
    if (name === 'Logon') return this.#logon;
    if (!this.#isLoggedOn) throw new QrcError(ERROR.logonRequired, 'Logon is required');
    if (name === 'StatusGet') return () => this.#core.status();
    const found = Object.hasOwn(designMethods, name) ? designMethods[name] : undefined;
    if (found === undefined) throw new QrcError(ERROR.methodNotFound, `There is no method '${name}'`);
    const { State } = this.#core.status();
    if (State === 'Standby') throw new QrcError(ERROR.standby, 'The Core is on standby');
    if (State === 'Idle') throw new QrcError(ERROR.server, 'No design is running');
    return found;
  }

  readonly #logon: Method = method(z.object({ User: z.string(), Password: z.string() }), (_context, given) => {
    const { user } = this.#core;
    if (user !== null && !(isSame(given.User, user.name) && isSame(given.Password, user.password))) {
      this.#isLoggedOn = false;
      throw new QrcError(ERROR.logonRequired, 'The user or the password is wrong');
    }
    this.#isLoggedOn = true;
    return true;
  });

  #fail(id: unknown, { code, message }: QrcError): void {
    this.#outbox.post(JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } }));
  }
}

const notification = (name: string, params: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', method: name, params });
