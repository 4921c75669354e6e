import type { IncomingHttpHeaders } from 'node:http';

/** What is known of who asks when an operation comes in. */
export type Asking = {
  /** The address at the other end of the connection; undefined when it is gone. */
  address: string | undefined;
  headers: IncomingHttpHeaders;
};

/** Who is counted: the name of one caller, opaque to whoever counts. */
export type NameCaller = (asking: Asking) => string;

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

/** Callers are told apart by their address. */
export const callersByAddress =
  (proxyHops: number): NameCaller =>
  (asking) =>
    networkOf(addressOf(asking, proxyHops));
