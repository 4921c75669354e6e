import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

const DEFAULT_PORT = 4000;

/** Raised when a port that was asked for can't be had. */
export class PortError extends Error {
  readonly code = 'PORT_UNAVAILABLE';
}

/** Why no TCP server may listen on `port` of `host` now, as the system's error code, or null. */
async function portFault(port: number, host: string): Promise<string | null> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<string | null>();
  server.once('error', (err) => resolve('code' in err && typeof err.code === 'string' ? err.code : err.message));
  server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(null)));
  return promise;
}

/**
 * Keeps other starts on this machine away from a port until this process ends: who listens there may take seconds to come, and be away
 * while it restarts. The claim is a UDP socket of the same number, which only those who look for ports ask about: TCP has numbers of its
 * own, and the system takes the claim back from a process that was killed.
 *
 * @returns how to give it back, or null where another has it
 */
async function claimPort(port: number): Promise<(() => void) | null> {
  const socket = createSocket('udp4').unref();
  const { promise, resolve } = Promise.withResolvers<(() => void) | null>();
  socket.once('error', () => {
    socket.close();
    resolve(null);
  });
  socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(() => socket.close()));
  return promise;
}

/**
 * A port that nobody listens on and nobody else has been given, below the range from which systems hand out ports to outgoing connections
 * (32768 up on Linux, 49152 elsewhere): a server that restarts then finds its port still free.
 */
export async function findFreePort(host: string, draw = () => randomInt(20_000, 32_000)): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = draw();
    const giveBack = await claimPort(port);
    if (giveBack === null) continue;
    if ((await portFault(port, host)) === null) return port;
    giveBack();
  }
  throw new Error(`No free TCP port was found on ${host}`);
}

/** Free ports, each another one. */
export async function findFreePorts(host: string, count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await findFreePort(host));
  return [...ports];
}

/**
 * The port to serve on. A port that somebody asked for is that one or none; the default gives way to the next free one.
 *
 * @param wanted undefined for the default, 0 for any
 * @throws PortError saying what to set
 */
export async function choosePort(
  wanted: number | undefined,
  host: string,
  fallback = DEFAULT_PORT,
): Promise<{ port: number; gaveWay: boolean }> {
  if (wanted === 0) return { port: await findFreePort(host), gaveWay: false };
  const fault = await portFault(wanted ?? fallback, host);
  if (fault === null) return { port: wanted ?? fallback, gaveWay: false };
  if (wanted !== undefined || fault !== 'EADDRINUSE') {
    const reason: Record<string, string> = {
      EADDRINUSE: 'is taken by another program',
      EACCES: 'may not be used by this user',
      EADDRNOTAVAIL: 'is on an address that this machine does not have (HOST)',
    };
    throw new PortError(
      `Port ${wanted ?? fallback} on ${host} ${reason[fault] ?? `can't be used (${fault})`}. ` +
        'Set PORT to a free one, as in PORT=4100 npm start; PORT=0 takes any.',
    );
  }
  for (let port = fallback + 1; port < fallback + 100; port += 1) {
    if ((await portFault(port, host)) === null) return { port, gaveWay: true };
  }
  throw new PortError(
    `Ports ${fallback} to ${fallback + 99} on ${host} are all taken. Set PORT to a free one; PORT=0 takes any.`,
  );
}
