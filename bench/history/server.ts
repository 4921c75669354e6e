import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { identityHeaders } from '@wheelhouse/kit/testing/identity.ts';
import { admin } from '../../tests/identities.ts';

const SERVICE_TOKEN = 'only for a benchmark';

/** The server of history in a process of its own, as docker-compose.yml runs it. */
export type HistoryServer = {
  url: URL;
  /** Its resident memory, in bytes (proc(5)). */
  residentBytes: () => number;
  /** What a router would say of who asks: an admin of everything. */
  headers: () => Promise<Record<string, string>>;
  close: () => Promise<void>;
};

/** The address that a service logs when it serves. @throws Error when its log ends before */
async function addressIn(log: Readable): Promise<URL> {
  for await (const text of createInterface({ input: log })) {
    const { url }: { url?: string } = JSON.parse(text);
    if (url !== undefined) return new URL(url);
  }
  throw new Error('the server of history ended before it listened');
}

export async function startHistoryServer(databaseUrl: string): Promise<HistoryServer> {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('@wheelhouse/history/main.ts'))], {
    env: {
      ...{ DATABASE_URL: databaseUrl, RUN: 'server', PORT: '0', LOG_LEVEL: 'info', NODE_ENV: 'production' },
      ...{ WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN, WHEELHOUSE_SECRET_KEY: '5a'.repeat(32) },
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  const url = await addressIn(child.stderr);
  // What it logs from here on has to go somewhere.
  child.stderr.resume();
  const residentBytes = (): number =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1_024;
  const headers = () => identityHeaders({ serviceToken: SERVICE_TOKEN, service: 'history' }, admin);
  return { url, residentBytes, headers, close };
}
