import { RefusedError, TransportError } from './errors.ts';
import { judge } from './rules.ts';

/** Asks the application for a cursor; null when it can't be had for now. @throws what will not pass */
export async function askForCursor(ask: () => Promise<string | null | undefined>): Promise<string | null> {
  try {
    return (await ask()) ?? null;
  } catch (err) {
    if (err instanceof TransportError) return null;
    if (err instanceof RefusedError && judge({ kind: 'errors', errors: err.errors }, false).kind === 'resume')
      return null;
    throw err;
  }
}

/** Resolves after a time, or as soon as `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', done);
    resolve();
  };
  const timer = setTimeout(done, ms);
  if (signal.aborted) done();
  else signal.addEventListener('abort', done);
  return promise;
}
