// People who sign in, so many a second, whether or not those before were answered. Told over IPC {url, perSecond}, or {hashes} to hash as
// many passwords a second and ask nobody; goes on until it is told 'stop', and says then how long it took and what failed.
import { setTimeout as sleep } from 'node:timers/promises';
import { openPasswords } from '@wheelhouse/accounts/passwords.ts';
import { Agent } from 'undici';
import { emailOf, PASSWORD } from './house.ts';

export type SigningIn = { url: string | null; perSecond: number; users: number };
export type SigningInReport = { count: number; p50Ms: number; p99Ms: number; failed: number; why: string | null };

const QUERY =
  'mutation ($email: String!, $password: String!) { login(email: $email, password: $password) { accessToken userErrors { code } } }';
const agent = new Agent({ connections: 32, connect: { localAddress: '127.0.0.3' } });
const passwords = openPasswords();
const known = await passwords.hash(PASSWORD);
let turn = 0;

async function signIn(url: string, index: number): Promise<string | null> {
  const { origin, pathname } = new URL(url);
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': `10.1.${index >> 8}.${index & 255}` };
  const body = JSON.stringify({ query: QUERY, variables: { email: emailOf(index), password: PASSWORD } });
  const text = await (await agent.request({ origin, path: pathname, method: 'POST', headers, body })).body.text();
  return text.includes('"accessToken":"') ? null : text.slice(0, 300);
}

async function run({ url, perSecond, users }: SigningIn, signal: AbortSignal): Promise<SigningInReport> {
  const times: number[] = [];
  let [failed, why]: [number, string | null] = [0, null];
  const once = async (dueAtMs: number): Promise<void> => {
    turn += 1;
    try {
      const fault =
        url === null ? ((await passwords.verify(PASSWORD, known)) ? null : 'wrong') : await signIn(url, turn % users);
      if (fault !== null) throw new Error(fault);
      times.push(performance.now() - dueAtMs);
    } catch (err) {
      failed += 1;
      why ??= String(err);
    }
  };
  const all: Promise<void>[] = [];
  const startedAtMs = performance.now();
  for (let index = 0; !signal.aborted; index += 1) {
    const dueAtMs = startedAtMs + (index * 1_000) / perSecond;
    const waitMs = dueAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    all.push(once(dueAtMs));
  }
  await Promise.all(all);
  times.sort((one, other) => one - other);
  const quantile = (share: number): number => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  return { count: times.length, p50Ms: quantile(0.5), p99Ms: quantile(0.99), failed, why };
}

let running: { stop: AbortController; done: Promise<SigningInReport> } | null = null;
process.on('message', async (order: SigningIn | 'stop') => {
  if (order === 'stop') {
    running?.stop.abort();
    process.send?.(await running?.done);
    return;
  }
  const stop = new AbortController();
  running = { stop, done: run(order, stop.signal) };
  process.send?.({ started: true });
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
