import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { z } from 'zod';
import { openSilentPort, type SilentPort } from './silent-port.ts';

/** What is the matter with an exhibit. */
export const exhibitFaultSchema = z.discriminatedUnion('kind', [
  /** Neither takes connections nor refuses them. */
  z.strictObject({ kind: z.literal('silent') }),
  /** Refuses connections: whoever looks is answered all the same. */
  z.strictObject({ kind: z.literal('refusing') }),
]);
export type ExhibitFault = z.infer<typeof exhibitFaultSchema>;

export type ExhibitDefinition = {
  name: string;
  /** A port that is taken is replaced by a free one. @default a free one */
  port?: number;
};

/** An exhibit on a TCP port of loopback. */
export type SimulatedExhibit = {
  readonly name: string;
  readonly port: number;
  /** How to reach it, as the registry of devices takes it. */
  readonly ping: { host: string; method: 'TCP'; port: number };
  readonly fault: ExhibitFault | null;
  /** Resolves when the fault is there. */
  setFault: (fault: ExhibitFault | null) => Promise<void>;
};

const HOST = '127.0.0.1';

async function listen(port: number): Promise<Server> {
  // Nothing is said to whoever connects.
  const server = createServer((socket) => socket.on('error', () => undefined).end());
  server.listen(port, HOST);
  await once(server, 'listening');
  return server;
}

async function shut(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}

const isTaken = (err: unknown): boolean => err instanceof Error && 'code' in err && err.code === 'EADDRINUSE';

type Standing = { kind: 'open'; server: Server } | { kind: 'silent'; port: SilentPort } | { kind: 'refusing' };

async function startExhibit({ name, port: wanted = 0 }: ExhibitDefinition): Promise<{
  exhibit: SimulatedExhibit;
  close: () => Promise<void>;
}> {
  const server = await listen(wanted).catch((err: unknown) => (isTaken(err) ? listen(0) : Promise.reject(err)));
  const { port } = server.address() as AddressInfo;
  let standing: Standing = { kind: 'open', server };
  let fault: ExhibitFault | null = null;
  // One change after the other: each gives the port up before the next takes it.
  let changing: Promise<void> = Promise.resolve();

  async function leave(): Promise<void> {
    if (standing.kind === 'open') await shut(standing.server);
    if (standing.kind === 'silent') await standing.port.close();
    standing = { kind: 'refusing' };
  }
  async function change(wanted: ExhibitFault | null): Promise<void> {
    if ((wanted?.kind ?? 'open') === standing.kind) return;
    await leave();
    if (wanted === null) standing = { kind: 'open', server: await listen(port) };
    if (wanted?.kind === 'silent') standing = { kind: 'silent', port: await openSilentPort(HOST, port) };
  }
  const setFault = (wanted: ExhibitFault | null): Promise<void> => {
    fault = wanted;
    const changed = changing.then(() => change(wanted));
    changing = changed.catch(() => undefined);
    return changed;
  };
  const exhibit: SimulatedExhibit = {
    name,
    port,
    ping: { host: HOST, method: 'TCP', port },
    get fault() {
      return fault;
    },
    setFault,
  };
  return {
    exhibit,
    close: async () => {
      await changing;
      await leave();
    },
  };
}

export type SimulatedExhibits = { exhibits: SimulatedExhibit[]; close: () => Promise<void> };

/** Exhibits that can be pinged by TCP on loopback, in the order of their definitions. */
export async function startExhibits(definitions: readonly ExhibitDefinition[]): Promise<SimulatedExhibits> {
  const started: Awaited<ReturnType<typeof startExhibit>>[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((one) => one.close()));
  };
  try {
    for (const definition of definitions) started.push(await startExhibit(definition));
  } catch (err) {
    await close();
    throw err;
  }
  return { exhibits: started.map(({ exhibit }) => exhibit), close };
}
