import * as snmp from 'net-snmp';
import type { SnmpValue } from '../profiles/decode.ts';
import { isRefusal, SnmpFailure } from './failure.ts';
import { requestOf } from './request-template.ts';
import type { Remote, SharedSocket } from './shared-socket.ts';
import { LookSocket } from './socket.ts';
import type { SnmpTarget } from './target.ts';
import { userOf, warmKeys } from './users.ts';

// This file and users.ts alone import net-snmp; none of its types leaves this one.

const VERSIONS = { V1: snmp.Version1, V2C: snmp.Version2c } as const;

/** For sessions that need none: net-snmp would draw random octets for each. */
const NO_ENGINE = '8000000001';

function failureOf(err: Error): SnmpFailure {
  if (err instanceof SnmpFailure) return err;
  const because = { cause: err };
  if (err.name === 'RequestTimedOutError') return new SnmpFailure('NO_ANSWER', 'no answer', because);
  if (err instanceof snmp.RequestFailedError) {
    const code = err.status === snmp.ErrorStatus.NoSuchName ? 'NO_SUCH_NAME' : 'AGENT_REFUSED';
    // It tells the error-index by the object's name at the end of its message only: "NoSuchName: 1.3.6.1".
    const blamedOid = /: ([\d.]+)$/.exec(err.message)?.[1];
    return new SnmpFailure(code, err.message, { ...because, blamedOid });
  }
  if (err instanceof snmp.ResponseInvalidError) {
    // usmStatsNotInTimeWindows and usmStatsUnknownEngineIDs (RFC 3414 §5) say nothing of the credentials.
    if (/time window|unknown engine/i.test(err.message)) {
      return new SnmpFailure('ENGINE_OUT_OF_STEP', err.message, because);
    }
    // A digest that does not fit is described with the digests; that text helps nobody.
    const text = err.message.startsWith('Authentication digest')
      ? 'the answer is signed with another key'
      : err.message;
    const isUsm = err.code === snmp.ResponseInvalidCode.EAuthFailure;
    return new SnmpFailure(isUsm ? 'CREDENTIALS_REJECTED' : 'MALFORMED_ANSWER', text, because);
  }
  const code = 'code' in err && typeof err.code === 'string' ? err.code : null;
  // Both are what the network says of a display that is off: nothing listens, or (on the same LAN) nobody answers ARP.
  if (code === 'ECONNREFUSED') return new SnmpFailure('NO_ANSWER', 'port unreachable', because);
  if (code === 'EHOSTUNREACH') return new SnmpFailure('NO_ANSWER', 'host unreachable', because);
  if (code !== null && /^E[A-Z]+$/.test(code)) return new SnmpFailure('NETWORK_ERROR', err.message, because);
  return new SnmpFailure('INVALID_TARGET', `the request can't be made: ${err.message}`, because);
}

const NUMBERS: readonly unknown[] = [
  snmp.ObjectType.Integer,
  snmp.ObjectType.Counter32,
  snmp.ObjectType.Gauge32,
  snmp.ObjectType.TimeTicks,
];

function readVarbind(varbind: snmp.Varbind): SnmpValue {
  const { type, value } = varbind;
  if (snmp.isVarbindError(varbind)) return { kind: 'missing' };
  if (NUMBERS.includes(type) && typeof value === 'number') return { kind: 'number', value };
  if (type === snmp.ObjectType.OctetString && Buffer.isBuffer(value)) return { kind: 'octets', value };
  if (type === snmp.ObjectType.OID && typeof value === 'string') return { kind: 'oid', value };
  return { kind: 'other', syntax: (type !== undefined && snmp.ObjectType[type]) || 'unknown' };
}

/** What came back during a look; `error` is what the network said instead of the display. */
export type Heard = { datagrams: number; answers: number; unreadable: string | null; error: SnmpFailure | null };

/** A conversation with one display. With v3 it outlives a look: the engine's id, boots and time are then known. */
export class SnmpSession {
  readonly #socket: LookSocket;
  readonly #session: snmp.Session;
  readonly #target: SnmpTarget;
  #isProven = false;
  #waiting = 0;
  #asked: string[] = [];
  #heard: Heard = { datagrams: 0, answers: 0, unreadable: null, error: null };

  constructor(target: SnmpTarget, options: { timeoutMs: number; retries: number; shared: SharedSocket }) {
    this.#target = target;
    this.#socket = new LookSocket(options.shared, options.retries + 1);
    const settings = {
      port: target.port,
      timeout: options.timeoutMs,
      // One more than asked for, so that net-snmp never gives up by itself: its last timer would run before an answer that
      // waits in the socket is read, when something held up the event loop. The prober's own deadline ends the look, and the socket drops
      // the datagram too many.
      retries: options.retries + 1,
      reportOidMismatchErrors: true,
      dgramModule: { createSocket: () => this.#socket },
    };
    this.#session =
      target.version === 'V3'
        ? snmp.createV3Session(target.host, userOf(target), settings)
        : snmp.createSession(target.host, target.community ?? '', {
            ...settings,
            version: VERSIONS[target.version],
            // Its types know this option for v3 only.
            ...{ engineID: NO_ENGINE },
          });
    this.#session.on('error', (err) => this.#noteUnreadable(err));
    this.#guardAnswers();
    if (target.version === 'V2C') this.#sendEncoded(target.community ?? '');
  }

  get heard(): Readonly<Heard> {
    return this.#heard;
  }

  /** Whether this session has had an answer at any time, so that user, keys and engine are known to be right. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** Whether the display's SNMPv3 engine was discovered, which takes no keys. */
  get isDiscovered(): boolean {
    return 'msgSecurityParameters' in this.#session;
  }

  /** The long part of making the keys, done once for every password in the process. */
  async prepare(): Promise<void> {
    await warmKeys(this.#target);
  }

  /** Begins a look. @throws SnmpFailure when no socket can be had */
  async open(remote: Remote): Promise<void> {
    this.#heard = { datagrams: 0, answers: 0, unreadable: null, error: null };
    const heard = this.#heard;
    try {
      await this.#socket.open(remote, {
        onDatagram: () => {
          heard.datagrams++;
        },
        onUnreadable: (err) => this.#noteUnreadable(err),
        onError: (err) => {
          heard.error = failureOf(err);
        },
      });
    } catch (err) {
      throw err instanceof Error ? failureOf(err) : err;
    }
  }

  /**
   * The values of these OIDs in one GET, keyed by OID.
   *
   * @throws SnmpFailure
   */
  get(oids: string[]): Promise<Map<string, SnmpValue>> {
    const { promise, resolve, reject } = Promise.withResolvers<Map<string, SnmpValue>>();
    this.#waiting++;
    this.#asked = oids;
    let isWaiting = true;
    this.#session.get(oids, (err, varbinds) => {
      // A request that could not be sent again is told of, and of an answer to it that comes after all as well.
      if (isWaiting) this.#waiting--;
      isWaiting = false;
      if (err) {
        const failure = failureOf(err);
        if (isRefusal(failure.code)) this.#heard.answers++;
        return reject(failure);
      }
      this.#heard.answers++;
      this.#isProven = true;
      const values = new Map<string, SnmpValue>();
      for (const varbind of varbinds ?? []) values.set(varbind.oid, readVarbind(varbind));
      resolve(values);
    });
    return promise;
  }

  /** Ends the look. Whatever is still waited for fails, and nothing that arrives later is heard. */
  release(): void {
    if (this.#waiting > 0) this.#session.cancelRequests(new SnmpFailure('NO_ANSWER', 'the look is over'));
    this.#socket.release();
  }

  close(): void {
    this.#session.close();
  }

  /** net-snmp takes a message's octets as they are where they are there already, and finds the request by the id in its PDU. */
  #sendEncoded(name: string): void {
    const session = this.#session;
    const send = session.send;
    session.send = (req, noWait) => {
      const { message } = req;
      if (message.buffer === undefined) {
        const { id, octets } = requestOf(this.#asked, name, (first) => {
          message.pdu.id = first;
          return message.toBuffer();
        });
        message.pdu.id = id;
        message.buffer = octets;
      }
      return send.call(session, req, noWait);
    };
  }

  #noteUnreadable(err: unknown): void {
    this.#heard.unreadable = err instanceof Error ? err.message : String(err);
  }

  /**
   * net-snmp finds the request by the message's id alone. An answer below the level of security that was asked for could be
   * anybody's (RFC 3412 §7.2.10 wants the level checked), and in v3 the PDU's own id must fit too.
   */
  #guardAnswers(): void {
    const session = this.#session;
    const accept = session.onSimpleGetResponse;
    session.onSimpleGetResponse = (req, message) => {
      const sent = req.message;
      const isWeaker =
        Boolean(sent.hasAuthentication()) !== Boolean(message.hasAuthentication()) ||
        Boolean(sent.hasPrivacy()) !== Boolean(message.hasPrivacy());
      if (isWeaker || message.pdu.id !== sent.pdu.id) {
        const text = isWeaker ? 'the answer has another security level' : 'the answer has another request id';
        return req.responseCb(new snmp.ResponseInvalidError(text, snmp.ResponseInvalidCode.EUnexpectedResponse));
      }
      accept.call(session, req, message);
    };
  }
}
