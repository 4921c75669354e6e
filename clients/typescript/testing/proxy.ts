import { type AddressInfo, connect, createServer } from 'node:net';

export type TestProxy = {
  url: string;
  /** How many bytes the server may send over a connection before it is cut, wherever that is; asked for each. */
  bytesUntilCut: () => number;
  /** While true, bytes vanish in both directions, as on a network that is gone without a word. */
  isSilent: boolean;
  cut: () => void;
  close: () => Promise<void>;
};

const CUT_AFTER_MS = 20;

/** Stands between a client and a server, and does what networks do. */
export async function startProxy(target: string): Promise<TestProxy> {
  const { hostname, port, pathname } = new URL(target);
  const pairs = new Set<() => void>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    let left = proxy.bytesUntilCut();
    const cut = (): void => {
      pairs.delete(cut);
      client.destroy();
      upstream.destroy();
    };
    pairs.add(cut);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('data', (bytes: Buffer) => {
        if (proxy.isSilent) return;
        const taken = one === upstream ? bytes.subarray(0, left) : bytes;
        other.write(taken);
        if (one === upstream) left -= taken.length;
        // A moment later: fetch forgets what its reader has not had yet when a connection breaks.
        if (left === 0) setTimeout(cut, CUT_AFTER_MS);
      });
      // An end is a cut to the other side, too; errors are followed by a close.
      one.on('error', () => {}).on('close', cut);
    }
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;

  const proxy: TestProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    bytesUntilCut: () => Number.POSITIVE_INFINITY,
    isSilent: false,
    cut: () => {
      for (const cut of [...pairs]) cut();
    },
    close: async () => {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      proxy.cut();
      await closed.promise;
    },
  };
  return proxy;
}
