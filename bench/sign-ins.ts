// Twenty people sign in a second, and somebody who has signed in asks a simple query all the while: how long that takes beside calm, and
// beside as many passwords hashed by another process, which shows what hashing takes of the cores wherever it is done.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Steady, SteadyReport } from './attacks/steady.ts';
import { emailOf, type House, PASSWORD, startHouse } from './people/house.ts';
import type { SigningIn, SigningInReport } from './people/signing-in.ts';
import { cpuMs, loopCpuMs, median } from './support/cpu.ts';
import { ask, startProgram } from './support/programs.ts';

const USAGE = `npm run bench -- sign-ins [--rounds R] [--seconds S] [--rate N] [--sign-ins N] [--profile FOLDER]
  R rounds (5) of S seconds (4) each: calm, with N sign-ins a second (20), and with as many hashes elsewhere, while a client asks N times a second (100);
  --profile writes the server's CPU profile to FOLDER`;

/** How much longer a request may take while others sign in. */
const AIM = 2;
const USERS = 200;
const KINDS = ['calm', 'sign-ins', 'hashes elsewhere'] as const;
type Kind = (typeof KINDS)[number];
type Measured = SteadyReport & {
  /** Of a core. `loop` is the first thread of the server, its event loop; `others` are those who sign in, or hash. */
  percent: Record<'server' | 'loop' | 'router' | 'others', number>;
  signIns: SigningInReport | null;
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Somebody who has signed in, and the simple query that they ask. */
async function signedIn({ url, deviceIds }: House): Promise<NonNullable<Steady['asked']>> {
  const post = async (query: string) => {
    const headers = { 'content-type': 'application/json' };
    const { data, errors } = await (
      await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })
    ).json();
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  };
  const { login } = await post(`mutation { login(email: "${emailOf(0)}", password: "${PASSWORD}") { accessToken } }`);
  const variables = { id: deviceIds[0] };
  const query = 'query ($id: ID!) { device(id: $id) { id name site status } }';
  return { accessToken: login.accessToken, body: JSON.stringify({ query, variables }) };
}

export async function bench(args: string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { rounds: text, seconds: text, rate: text, 'sign-ins': text, profile: text };
  const { values } = parseArgs({ args, options });
  const [rounds, ms, perSecond] = [
    Number(values.rounds ?? 5),
    Number(values.seconds ?? 4) * 1_000,
    Number(values.rate ?? 100),
  ];
  const signInsPerSecond = Number(values['sign-ins'] ?? 20);
  if (!(rounds >= 1 && ms > 0 && perSecond > 0 && signInsPerSecond > 0)) throw new Error(USAGE);
  const house = await startHouse({ users: USERS, devices: 20, hashing: null, profileFolder: values.profile ?? null });
  const steady = await startProgram(new URL('attacks/steady.ts', import.meta.url));
  const others = await startProgram(new URL('people/signing-in.ts', import.meta.url));
  try {
    const asked = await signedIn(house);
    const cpu = () => ({
      server: cpuMs(house.serverPid),
      loop: loopCpuMs(house.serverPid),
      router: cpuMs(house.routerPid),
      others: cpuMs(others.pid),
    });
    const measure = async (kind: Kind): Promise<Measured> => {
      const order: SigningIn = {
        url: kind === 'sign-ins' ? house.url : null,
        perSecond: signInsPerSecond,
        users: USERS,
      };
      if (kind !== 'calm') await ask(others, order);
      const [startedAtMs, before] = [performance.now(), cpu()];
      const report = await ask<SteadyReport>(steady, { url: house.url, perSecond, ms, asked } satisfies Steady);
      const [tookMs, after] = [performance.now() - startedAtMs, cpu()];
      const signIns = kind === 'calm' ? null : await ask<SigningInReport>(others, 'stop');
      const percent = (of: keyof Measured['percent']): number => (100 * (after[of] - before[of])) / tookMs;
      const percents = {
        ...{ server: percent('server'), loop: percent('loop') },
        ...{ router: percent('router'), others: percent('others') },
      };
      return { ...report, percent: percents, signIns };
    };
    for (const kind of KINDS) await measure(kind);
    const all = new Map<Kind, Measured[]>(KINDS.map((kind) => [kind, []]));
    for (let round = 0; round < rounds; round += 1) for (const kind of KINDS) all.get(kind)?.push(await measure(kind));
    const of = (kind: Kind): Measured[] => all.get(kind) ?? [];
    const middle = (kind: Kind, value: (one: Measured) => number): number => median(of(kind).map(value));
    say(
      `one signed-in client asks ${perSecond} times a second for one device; medians of ${rounds} rounds of ${ms / 1_000} s; load average ${loadavg()[0]?.toFixed(1)}`,
    );
    for (const kind of KINDS) {
      const [p50, p99] = [middle(kind, (one) => one.p50Ms), middle(kind, (one) => one.p99Ms)];
      const ratio = p99 / middle('calm', (one) => one.p99Ms);
      const used = (of: keyof Measured['percent']): string =>
        middle(kind, ({ percent }) => percent[of])
          .toFixed(0)
          .padStart(3);
      say(
        `  ${kind.padEnd(17)} p50 ${p50.toFixed(1).padStart(6)} ms   p99 ${p99.toFixed(1).padStart(7)} ms: ${ratio.toFixed(2).padStart(5)} times calm   router ${used('router')} %, server ${used('server')} % of a core, its event loop ${used('loop')} %, the others ${used('others')} %   ${of(kind).reduce((sum, one) => sum + one.failed, 0)} failed`,
      );
    }
    const signIns = of('sign-ins').flatMap(({ signIns: report }) => report ?? []);
    const failed = signIns.reduce((sum, one) => sum + one.failed, 0);
    say(
      `  a sign-in took p50 ${median(signIns.map(({ p50Ms }) => p50Ms)).toFixed(0)} ms, p99 ${median(signIns.map(({ p99Ms }) => p99Ms)).toFixed(0)} ms; ${signIns.reduce((sum, one) => sum + one.count, 0)} succeeded, ${failed} failed${failed > 0 ? `: ${signIns.find(({ why }) => why !== null)?.why}` : ''}`,
    );
    if (KINDS.some((kind) => of(kind).some((one) => one.failed > 0)))
      throw new Error('a simple query was not answered');
    const times = middle('sign-ins', (one) => one.p99Ms) / middle('calm', (one) => one.p99Ms);
    say(
      times <= AIM ? `\np99 stayed within ${AIM} times its calm value` : `\np99 went past ${AIM} times its calm value`,
    );
  } finally {
    await others.stop();
    await steady.stop();
    await house.close();
  }
}
