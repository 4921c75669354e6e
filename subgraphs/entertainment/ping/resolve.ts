import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type CouldNotLook, couldNotLook } from './look.ts';

export type Resolved = { address: string } | CouldNotLook;

const codeOf = (err: unknown): string =>
  err instanceof Error && 'code' in err && typeof err.code === 'string' ? err.code : String(err);

/** Whether the host needs no look-up. */
export const isAddress = (host: string): boolean => isIP(host) !== 0;

/** The address of a host; a name that has none within the time is nobody's silence, since nobody was asked. */
export async function resolveHost(host: string, withinMs: number): Promise<Resolved> {
  if (isAddress(host)) return { address: host };
  const { promise: late, resolve } = Promise.withResolvers<Resolved>();
  // A look-up can't be called off: it goes on in the background, and what it finds comes too late.
  const timer = setTimeout(
    () => resolve(couldNotLook('HOST_NOT_FOUND', `the address of ${host} was not found within ${withinMs} ms`)),
    withinMs,
  );
  const found = lookup(host, { order: 'ipv4first' }).then(
    ({ address }): Resolved => ({ address }),
    (err: unknown): Resolved => couldNotLook('HOST_NOT_FOUND', `${host} has no address (${codeOf(err)})`),
  );
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}
