import { setTimeout as wait } from 'node:timers/promises';
import type { Accept, Listen, Listener } from './wire.ts';

const isTaken = (err: unknown): boolean =>
  err instanceof Error && 'code' in err && (err.code === 'EADDRINUSE' || err.code === 'EACCES');

const TRY_AGAIN_MS = 50;

/** Listens at a port, or at a free one when it is taken at every one of so many tries. */
export async function openPort(
  listen: Listen,
  place: { host: string; port: number },
  accept: Accept,
  { tries }: { tries: number },
): Promise<Listener> {
  for (let left = tries; place.port !== 0 && left > 0; left--) {
    try {
      return await listen(place, accept);
    } catch (err) {
      if (!isTaken(err)) throw err;
      if (left > 1) await wait(TRY_AGAIN_MS);
    }
  }
  return listen({ ...place, port: 0 }, accept);
}
