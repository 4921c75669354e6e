import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allows } from './programs.ts';

/** Addresses of the namespace: those of the first answer, the second are silent, and there is no way to the third. */
export const ANSWERING = '10.77.';
export const SILENT = '10.78.';
export const WITHOUT_WAY = '10.99.';

const SET_UP = `
  set -e
  ip link set lo up
  ip route add local ${ANSWERING}0.0/16 dev lo
  # What goes into this pair is heard by nobody, and without ARP nobody says so.
  ip link add silent type veth peer name void
  ip link set silent arp off
  ip link set silent up
  ip link set void up
  ip addr add ${SILENT}0.1/16 dev silent
  echo up
  # Ends with whoever holds its input.
  exec cat`;

const isRoot = process.getuid?.() === 0;
const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all'];

/** Users as whom a namespace can be made here: oneself, and a plain one where the tests run as root. */
export const USERS: readonly ('self' | 'nobody')[] = isRoot ? ['self', 'nobody'] : ['self'];
export type NamespaceUser = (typeof USERS)[number];
const asUser = (user: NamespaceUser): string[] => (user === 'nobody' ? NOBODY : []);

/** Whether network namespaces can be made here, for `describe.skipIf(!canMakeNetworks())`. @throws Error with CI=true when not */
export const canMakeNetworks = (): boolean =>
  allows('network namespaces (unshare -Urn)', () =>
    USERS.every((user) => {
      const [program = '', ...args] = [...asUser(user), 'unshare', '-Urn', 'ip', 'link', 'add', 'try', 'type', 'veth'];
      return spawnSync(program, args).status === 0;
    }),
  );

export type Namespace = {
  /** A program that runs `program` within the namespace. */
  within: (program: string) => string;
  close: () => Promise<void>;
};

/** A network of the test's own, in which `programs` can be run. */
export async function openNamespace(user: NamespaceUser, programs: readonly string[]): Promise<Namespace> {
  const [program = '', ...args] = [...asUser(user), 'unshare', '-Urn', 'sh', '-c', SET_UP];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => {
    complaint += text;
  });
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (String(said).trim() !== 'up') throw new Error(`the network namespace was not made: ${complaint}`);
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-namespace-'));
  await chmod(folder, 0o755);
  const within = (name: string): string => join(folder, name);
  const enter = [...asUser(user), 'nsenter', '--preserve-credentials', '-U', '-n', '-t', String(child.pid)].join(' ');
  for (const name of programs)
    await writeFile(within(name), `#!/bin/sh\nexec ${enter} ${name} "$@"\n`, { mode: 0o755 });
  return {
    within,
    close: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
