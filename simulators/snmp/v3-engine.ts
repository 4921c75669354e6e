import { decodeScopedPdu, encodeScopedPdu, encodeV3Message, FLAG, type ScopedPdu, type V3Message } from './message.ts';
import { PDU } from './pdu.ts';
import {
  AUTH_PROTOCOLS,
  type AuthProtocol,
  decrypt,
  digestOf,
  encrypt,
  isSameDigest,
  localizedKey,
  type PrivProtocol,
  privacyKey,
} from './usm.ts';

export type V3User = {
  user: string;
  authProtocol?: AuthProtocol;
  authKey?: string;
  privProtocol?: PrivProtocol;
  privKey?: string;
};

/** RFC 3414 §5, usmStats: the last but one arc of each counter. */
const USM_STATS = {
  unsupportedSecurityLevel: 1,
  notInTimeWindow: 2,
  unknownUserName: 3,
  unknownEngineId: 4,
  wrongDigest: 5,
  decryptionError: 6,
} as const;

/** RFC 3414 §2.2.3 */
const TIME_WINDOW_SECONDS = 150;

export type Received =
  | { kind: 'report'; octets: Buffer }
  | {
      kind: 'request';
      scoped: ScopedPdu;
      /** Whether the message came at the level that the user must have (what VACM decides in a real agent). */
      isAllowed: boolean;
      /** Makes the response's message, at the security level of the request. */
      seal: (scoped: ScopedPdu) => Buffer;
    };

/** An authoritative SNMPv3 engine with one user: the security model of RFC 3414, as the receiver of requests (§3.2). */
export class V3Engine {
  readonly id: Buffer;
  readonly #user: V3User;
  readonly #startedAtMs: number;
  readonly #counts = new Map<number, number>();
  #keys: { auth: Buffer; priv: Buffer } | null = null;

  constructor({ name, user, startedAtMs }: { name: string; user: V3User; startedAtMs: number }) {
    // RFC 3411 §5: enterprise number 32473 (RFC 5612) with the first bit set, then 4 for "text".
    this.id = Buffer.concat([Buffer.from([0x80, 0x00, 0x7e, 0xd9, 0x04]), Buffer.from(name).subarray(-27)]);
    this.#user = user;
    this.#startedAtMs = startedAtMs;
  }

  get #clock(): { boots: number; time: number } {
    return { boots: 1, time: Math.floor((performance.now() - this.#startedAtMs) / 1000) };
  }

  receive(message: V3Message, datagram: Buffer): Received | null {
    const { authProtocol, privProtocol } = this.#user;
    const isSigned = (message.flags & FLAG.auth) !== 0;
    const isEncrypted = (message.flags & FLAG.priv) !== 0;
    if (!message.engineId.equals(this.id)) return this.#report(message, USM_STATS.unknownEngineId);
    if (message.userName !== this.#user.user) return this.#report(message, USM_STATS.unknownUserName);
    if ((isSigned && !authProtocol) || (isEncrypted && !(privProtocol && isSigned))) {
      return this.#report(message, USM_STATS.unsupportedSecurityLevel);
    }
    if (isSigned && authProtocol) {
      if (!this.#isAuthentic(authProtocol, message, datagram)) return this.#report(message, USM_STATS.wrongDigest);
      const { boots, time } = this.#clock;
      if (message.engineBoots !== boots || Math.abs(message.engineTime - time) > TIME_WINDOW_SECONDS) {
        return this.#report(message, USM_STATS.notInTimeWindow, FLAG.auth);
      }
    }
    let scoped: ScopedPdu;
    try {
      scoped = decodeScopedPdu(isEncrypted ? this.#decrypt(message) : message.scopedPdu);
    } catch {
      return isEncrypted ? this.#report(message, USM_STATS.decryptionError) : null;
    }
    const isAllowed = isSigned === Boolean(authProtocol) && isEncrypted === Boolean(privProtocol);
    const seal = (response: ScopedPdu): Buffer =>
      this.#seal(message, response, message.flags & (FLAG.auth | FLAG.priv));
    return { kind: 'request', scoped, isAllowed, seal };
  }

  /** The long part of making keys waits until somebody asks with keys. */
  #userKeys(): { auth: Buffer; priv: Buffer } {
    const { authProtocol, authKey = '', privProtocol, privKey = '' } = this.#user;
    const none = Buffer.alloc(0);
    this.#keys ??= {
      auth: authProtocol ? localizedKey(authProtocol, authKey, this.id) : none,
      priv: authProtocol && privProtocol ? privacyKey(authProtocol, privProtocol, privKey, this.id) : none,
    };
    return this.#keys;
  }

  #isAuthentic(protocol: AuthProtocol, { authParameters }: V3Message, datagram: Buffer): boolean {
    const unsigned = Buffer.from(datagram);
    const start = authParameters.byteOffset - datagram.byteOffset;
    unsigned.fill(0, start, start + authParameters.length);
    return isSameDigest(authParameters, digestOf(protocol, this.#userKeys().auth, unsigned));
  }

  #decrypt({ scopedPdu, privParameters, engineBoots: boots, engineTime: time }: V3Message): Buffer {
    const { privProtocol = 'AES' } = this.#user;
    return decrypt(privProtocol, this.#userKeys().priv, scopedPdu, privParameters, { boots, time });
  }

  #report(request: V3Message, statistic: number, level = 0): Received | null {
    if (!(request.flags & FLAG.reportable)) return null;
    const value = (this.#counts.get(statistic) ?? 0) + 1;
    this.#counts.set(statistic, value);
    const data = { syntax: 'Counter32', value } as const;
    const varbinds = [{ oid: `1.3.6.1.6.3.15.1.1.${statistic}.0`, data }];
    // RFC 3412 §7.1: the request's id is unknown where it could not be read, and 0 stands for that.
    const pdu = { type: PDU.report, requestId: 0, errorStatus: 0, errorIndex: 0, varbinds };
    const scoped = { contextEngineId: this.id, contextName: Buffer.alloc(0), pdu };
    return { kind: 'report', octets: this.#seal(request, scoped, level) };
  }

  #seal(request: V3Message, scoped: ScopedPdu, flags: number): Buffer {
    const clock = this.#clock;
    const { authProtocol, privProtocol } = this.#user;
    const plain = encodeScopedPdu(scoped);
    const sealed =
      flags & FLAG.priv && privProtocol
        ? encrypt(privProtocol, this.#userKeys().priv, plain, clock)
        : { salt: Buffer.alloc(0), encrypted: plain };
    const message: V3Message = {
      version: 3,
      messageId: request.messageId,
      flags,
      engineId: this.id,
      engineBoots: clock.boots,
      engineTime: clock.time,
      userName: request.userName,
      authParameters: Buffer.alloc(0),
      privParameters: sealed.salt,
      scopedPdu: sealed.encrypted,
    };
    if (!(flags & FLAG.auth) || !authProtocol) return encodeV3Message(message);
    const unsigned = { ...message, authParameters: Buffer.alloc(AUTH_PROTOCOLS[authProtocol].digestLength) };
    const digest = digestOf(authProtocol, this.#userKeys().auth, encodeV3Message(unsigned));
    return encodeV3Message({ ...message, authParameters: digest });
  }
}
