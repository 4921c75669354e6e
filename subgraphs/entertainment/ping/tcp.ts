import { connect } from 'node:net';
import { couldNotLook, type Look, type LookLimits, silence } from './look.ts';

type Try =
  | { kind: 'answered'; roundTripTimeMs: number }
  | { kind: 'noAnswer'; told: string | null }
  | { kind: 'notSent'; text: string }
  | { kind: 'cancelled' };

/** What the error of a connection that did not come about says of the peer, `afterMs` after it was tried. */
export function tryOf(code: string | null, text: string, afterMs: number): Try {
  switch (code) {
    // A reset is sent by who is there (RFC 9293 section 3.5.2). A firewall may send one in its place, which nobody can tell.
    case 'ECONNREFUSED':
    case 'ECONNRESET':
      return { kind: 'answered', roundTripTimeMs: afterMs };
    case 'ETIMEDOUT':
      return { kind: 'noAnswer', told: null };
    // What the network says of a device that is off: on the same LAN nobody answers ARP, elsewhere the last router says so.
    case 'EHOSTUNREACH':
    case 'EHOSTDOWN':
      return { kind: 'noAnswer', told: 'host unreachable' };
    default:
      // ENETUNREACH, EACCES, EMFILE and the like: nothing reached the device.
      return { kind: 'notSent', text };
  }
}

function tryOnce(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Try> {
  const { promise, resolve } = Promise.withResolvers<Try>();
  const startedAt = performance.now();
  // In whole microseconds: the rest is noise.
  const elapsedMs = (): number => Math.round((performance.now() - startedAt) * 1_000) / 1_000;
  const socket = connect({ host: address, port });
  const timer = setTimeout(() => end({ kind: 'noAnswer', told: null }), timeoutMs);
  const onAbort = (): void => end({ kind: 'cancelled' });
  signal.addEventListener('abort', onAbort, { once: true });
  function end(found: Try): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
    resolve(found);
  }
  socket.once('connect', () => end({ kind: 'answered', roundTripTimeMs: elapsedMs() }));
  // It stays when the try has ended: an error that comes after that must not end the process.
  socket.on('error', (err) => {
    const code = 'code' in err && typeof err.code === 'string' ? err.code : null;
    end(tryOf(code, err.message, elapsedMs()));
  });
  return promise;
}

/** One look by TCP connections, each given up after `timeoutMs`. Nothing is sent over one that comes about: it is closed at once. */
export async function lookByTcp(
  { address, port }: { address: string; port: number },
  limits: LookLimits,
  signal: AbortSignal,
): Promise<Look> {
  let told: string | null = null;
  for (let sent = 1; sent <= limits.retries + 1; sent += 1) {
    if (signal.aborted) return couldNotLook('CANCELLED', 'the look was cut off');
    const found = await tryOnce(address, port, limits.timeoutMs, signal);
    switch (found.kind) {
      case 'answered':
        return { kind: 'answered', sent, roundTripTimeMs: found.roundTripTimeMs };
      case 'notSent':
        return couldNotLook('NETWORK_ERROR', found.text);
      case 'cancelled':
        return couldNotLook('CANCELLED', 'the look was cut off');
      case 'noAnswer':
        told = found.told ?? told;
        break;
      default:
        found satisfies never;
    }
  }
  return silence(limits, told);
}
