import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ANSWERING, type PingSetup, SILENT } from './ping/peers.ts';

const USAGE = `npm run bench -- ping [--hosts N] [--dead-percent P] [--seconds S] [--rounds R] [--profile FOLDER]
  N hosts (2000), P of a hundred silent (20), are pinged every S seconds (60), over R measured sweeps (3); --profile writes the
  worker's CPU profile`;

/** Everything runs in a network of its own: hosts that answer are addresses of its loopback, silent ones go where nobody hears. */
const NETWORK = `
  set -e
  ip link set lo up
  ip route add local ${ANSWERING}0.0/16 dev lo
  ip link add silent type veth peer name void
  ip link set silent arp off
  ip link set silent up
  ip link set void up
  ip addr add ${SILENT}0.1/16 dev silent
  exec "$@"`;

function readSetup(args: string[]): PingSetup {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { hosts: text, 'dead-percent': text, seconds: text, rounds: text, profile: text },
  });
  const number = (
    name: Exclude<keyof typeof values, 'profile'>,
    fallback: number,
    least: number,
    most: number,
  ): number => {
    const value = Number(values[name] ?? fallback);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new Error(`--${name} must be a whole number from ${least} to ${most}\n${USAGE}`);
  };
  return {
    hosts: number('hosts', 2_000, 1, 10_000),
    deadPercent: number('dead-percent', 20, 0, 100),
    seconds: number('seconds', 60, 30, 600),
    rounds: number('rounds', 3, 1, 100),
    profileFolder: values.profile ?? null,
  };
}

/** What a sweep of pinged hosts costs, all in, against one fping run over the same hosts. docs/benchmarks.md says how. */
export async function bench(args: string[]): Promise<void> {
  const setup = readSetup(args);
  // PostgreSQL does not run as root, so a plain user stays the user that it is.
  const unshare = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-current-user', '--keep-caps', '--net'];
  const inside = fileURLToPath(new URL('ping/inside.ts', import.meta.url));
  const command = ['sh', '-c', NETWORK, 'sh', process.execPath, inside, JSON.stringify(setup)];
  const child = spawn('unshare', [...unshare, ...command], { stdio: 'inherit' });
  const [exitCode] = await once(child, 'exit');
  if (exitCode !== 0)
    throw new Error(`the benchmark in its own network ended with ${exitCode}: unshare(1) must be allowed`);
}
