import type { DisplayState } from '../profiles/display-state.ts';

/** The authentication protocols of RFC 3414 and RFC 7860. */
export type AuthProtocol = 'MD5' | 'SHA' | 'SHA224' | 'SHA256' | 'SHA384' | 'SHA512';

/** RFC 3414 (DES) and RFC 3826 (AES); the two drafts for AES-256 lengthen keys as Blumenthal (B) or Reeder (R, Cisco's) says. */
export type PrivProtocol = 'DES' | 'AES' | 'AES256B' | 'AES256R';

/** How to reach one display. Absent and null mean the same. */
export type SnmpTarget = {
  host: string;
  port: number;
  version: 'V1' | 'V2C' | 'V3';
  community?: string | null;
  user?: string | null;
  authProtocol?: AuthProtocol | null;
  authKey?: string | null;
  privProtocol?: PrivProtocol | null;
  privKey?: string | null;
  /** A profile's id; null: detect it. */
  profile?: string | null;
};

/**
 * Why a look says nothing about the display.
 * - INVALID_TARGET: the connection details can't be used as they are.
 * - HOST_NOT_FOUND: the host name has no address, or nobody could tell in time.
 * - NETWORK_ERROR: this machine could not send (no route, no permission, no socket).
 * - CREDENTIALS_REJECTED: the display is there, and its answer says that user, keys or security level are wrong, or it
 *   answers the discovery of its engine and then nothing that uses the keys.
 * - ENGINE_OUT_OF_STEP: the display's engine id, boots or time do not hold from one message to the next.
 * - MALFORMED_ANSWER: what came back is no answer to what was asked, or no SNMP at all.
 * - INCOMPLETE_ANSWER: it answered a part of the look and then fell silent.
 * - NO_PROFILE: it answered, and no profile fits what it says of itself.
 * - NOTHING_READABLE: it answered, and has none of the objects of its profile, or shows none to this user.
 * - CANCELLED: the caller stopped the look.
 */
export type CouldNotLookCode =
  | 'INVALID_TARGET'
  | 'HOST_NOT_FOUND'
  | 'NETWORK_ERROR'
  | 'CREDENTIALS_REJECTED'
  | 'ENGINE_OUT_OF_STEP'
  | 'MALFORMED_ANSWER'
  | 'INCOMPLETE_ANSWER'
  | 'NO_PROFILE'
  | 'NOTHING_READABLE'
  | 'CANCELLED';

/** The result of one look. `silent` is a finding about the display; `couldNotLook` says nothing about it. */
export type Look =
  | {
      kind: 'answered';
      state: DisplayState;
      /** The id of the profile by which `state` was read. */
      profile: string;
      /** From the sending of the read to its answer; with a lost datagram in between it includes the wait for the next try. */
      roundTripMs: number;
    }
  | NoAnswer;

/** Why nothing is known of the display. */
export type NoAnswer =
  | { kind: 'silent'; detail: string }
  | { kind: 'couldNotLook'; cause: { code: CouldNotLookCode; text: string } };

/** What is wrong with the connection details, or null. Keys are never in the text. */
export function targetFault(target: SnmpTarget): string | null {
  if (target.host.trim() === '') return 'host is empty';
  if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65_535) return 'port must be from 1 to 65535';
  if (target.version !== 'V3') return target.community ? null : 'community is missing';
  if (!target.user) return 'user is missing';
  if (target.privProtocol && !target.authProtocol)
    return 'privProtocol needs authProtocol: privacy without authentication does not exist';
  if (target.authProtocol && !target.authKey) return 'authKey is missing';
  if (target.privProtocol && !target.privKey) return 'privKey is missing';
  return null;
}
