import type { IncomingHttpHeaders } from 'node:http';
import { type Caller, isAnonymous } from './access/caller.ts';

/** What is known of who asks when an operation comes in. */
export type Asking = {
  /** The address at the other end of the connection; undefined when it is gone. */
  address: string | undefined;
  headers: IncomingHttpHeaders;
};

/**
 * Who is counted: the name of one caller, opaque to whoever counts.
 *
 * @param caller who asks; left out or null where that is not known yet, or never will be for want of accounts
 */
export type NameCaller = (asking: Asking, caller?: Caller | null) => string;

/** An IPv4 address that came over an IPv6 socket, as itself. RFC 4291 §2.5.5.2. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

/** Networks of one subscriber are /64 at least (RFC 6177): its addresses count as one. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = [...front, ...gap, ...back].slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return `${groups.join(':')}::/64`;
}

/** The address that the farthest trusted proxy saw; what stands further left anyone may have written. */
export function addressOf({ address, headers }: Asking, proxyHops: number): string {
  const direct = plainAddress(address ?? 'unknown');
  if (proxyHops === 0) return direct;
  const forwarded = String(headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const seen = forwarded.at(-Math.min(proxyHops, forwarded.length));
  return forwarded.length === 0 || seen === undefined ? direct : plainAddress(seen.replace(/^\[|\](:\d+)?$/g, ''));
}

/** Whether the caller's connection is encrypted, by the word of a trusted proxy. */
export const isBehindTls = ({ headers }: Pick<Asking, 'headers'>, proxyHops: number): boolean =>
  proxyHops > 0 &&
  String(headers['x-forwarded-proto'] ?? '')
    .split(',')
    .at(-1)
    ?.trim() === 'https';

/**
 * Who has signed in is counted as the person or the API key, wherever they ask from; all others by their address. Names of the former
 * (`user:1`) can't be names of the latter: what has a colon ends with `::/64` there.
 */
export const createNameCaller =
  (proxyHops: number): NameCaller =>
  (asking, caller = null) =>
    caller === null || isAnonymous(caller) ? networkOf(addressOf(asking, proxyHops)) : caller.asserted.sub;
