import * as snmp from 'net-snmp';
import type { SnmpValue } from '../profiles/decode.ts';
import type { WireValue } from '../profiles/encode.ts';
import { isRefusal, SnmpFailure } from './failure.ts';
import { failureOf, readVarbind } from './findings.ts';
import { requestOf } from './request-template.ts';
import type { Remote, SharedSocket } from './shared-socket.ts';
import { LookSocket } from './socket.ts';
import type { SnmpTarget } from './target.ts';
import { userOf, warmKeys } from './users.ts';

// This file, findings.ts and users.ts alone import net-snmp; none of its types leaves them.

const VERSIONS = { V1: snmp.Version1, V2C: snmp.Version2c } as const;

/** For sessions that need none: net-snmp would draw random octets for each. */
const NO_ENGINE = '8000000001';

/** What came back during a look; `error` is what the network said instead of the display, `isSetSent` whether a SET was to go out. */
export type Heard = {
  datagrams: number;
  answers: number;
  unreadable: string | null;
  error: SnmpFailure | null;
  isSetSent: boolean;
};

/** One object of a SET. */
export type SetVarbind = { oid: string } & WireValue;

/** A conversation with one display. With v3 it outlives a look: the engine's id, boots and time are then known. */
export class SnmpSession {
  readonly #socket: LookSocket;
  readonly #session: snmp.Session;
  readonly #target: SnmpTarget;
  #isProven = false;
  #waiting = 0;
  /** Of the GET that is under way; null while a SET is. */
  #asked: string[] | null = null;
  #heard: Heard = { datagrams: 0, answers: 0, unreadable: null, error: null, isSetSent: false };

  constructor(target: SnmpTarget, options: { timeoutMs: number; retries: number; shared: SharedSocket | null }) {
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
    this.#heard = { datagrams: 0, answers: 0, unreadable: null, error: null, isSetSent: false };
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

  /**
   * All of these in one SET, which is sent once: a second one might undo what somebody else has set in between.
   *
   * @throws SnmpFailure; only after a refusal (`isRefusal`) it is known that nothing was set
   */
  set(varbinds: readonly SetVarbind[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting++;
    this.#asked = null;
    this.#heard.isSetSent = true;
    this.#socket.allowOne();
    const types = { INTEGER: snmp.ObjectType.Integer, 'OCTET STRING': snmp.ObjectType.OctetString } as const;
    const objects = varbinds.map(({ oid, syntax, value }) => ({ oid, type: types[syntax], value }));
    let isWaiting = true;
    this.#session.set(objects, (err) => {
      if (isWaiting) this.#waiting--;
      isWaiting = false;
      if (err) return reject(failureOf(err));
      this.#heard.answers++;
      this.#isProven = true;
      resolve();
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
      const asked = this.#asked;
      if (message.buffer === undefined && asked !== null) {
        const { id, octets } = requestOf(asked, name, (first) => {
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
