import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** WHEELHOUSE-FIDA-MIB (subgraphs/fida/mibs), as snmpd's `override` directive wants it. */
const ROOT = '1.3.6.1.4.1.32473.1';
const DISPLAY: Readonly<Record<string, [type: string, value: string]>> = {
  [`${ROOT}.1.1.1.0`]: ['octet_str', '"FIDA-55"'],
  [`${ROOT}.1.1.2.0`]: ['octet_str', '"SN-REAL-1"'],
  [`${ROOT}.1.1.3.0`]: ['octet_str', '"4.2.0"'],
  [`${ROOT}.1.1.4.0`]: ['octet_str', '"real agent"'],
  [`${ROOT}.1.2.1.0`]: ['integer', '1'],
  [`${ROOT}.1.2.2.0`]: ['integer', '70'],
  [`${ROOT}.1.2.3.0`]: ['integer', '2'],
  [`${ROOT}.1.2.4.0`]: ['integer', '1'],
  [`${ROOT}.1.3.1.0`]: ['uinteger', '320'],
  [`${ROOT}.1.3.2.0`]: ['integer', '423'],
  [`${ROOT}.1.3.3.0`]: ['uinteger', '18250'],
  [`${ROOT}.1.3.4.0`]: ['integer', '1'],
  [`${ROOT}.1.4.1.2.1`]: ['uinteger', '1480'],
  [`${ROOT}.1.4.1.3.1`]: ['integer', '1'],
  [`${ROOT}.1.5.1.0`]: ['integer', '1'],
};

/** What can be set, by the names that the graph gives it. */
export const SETTING_OIDS = {
  power: `${ROOT}.1.2.1.0`,
  brightnessPercent: `${ROOT}.1.2.2.0`,
  inputSource: `${ROOT}.1.2.4.0`,
} as const;

export type Snmpd = {
  host: string;
  port: number;
  /** May read and write. */
  community: string;
  /** May read only. */
  readOnlyCommunity: string;
  /** May read and write, authPriv: SHA and AES. */
  v3: { user: string; authProtocol: 'SHA'; authKey: string; privProtocol: 'AES'; privKey: string };
  /** Stops it where it stands (SIGSTOP): the port stays open and nothing answers. */
  pause: () => void;
  resume: () => void;
  close: () => Promise<void>;
};

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  return port;
}

/** Resolves once snmpd says its name, which it does when its port is open; false when it ended before. */
async function isUp(child: ChildProcess): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.stdout?.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('NET-SNMP version')) resolve(true);
  });
  child.once('exit', () => resolve(false));
  child.once('error', () => resolve(false));
  return promise;
}

/**
 * What Debian's snmpget prints of the value at this OID ("INTEGER: 70"), asked over v2c or as the v3 user: a client that shares no
 * code with ours.
 */
export async function snmpget(agent: Snmpd, oid: string, version: 'V2C' | 'V3'): Promise<string> {
  const { user, authProtocol, authKey, privProtocol, privKey } = agent.v3;
  const keys = ['-u', user, '-a', authProtocol, '-A', authKey, '-x', privProtocol, '-X', privKey];
  const who = version === 'V2C' ? ['-v2c', '-c', agent.community] : ['-v3', '-l', 'authPriv', ...keys];
  const { stdout } = await promisify(execFile)('snmpget', [...who, '-Ov', `${agent.host}:${agent.port}`, `.${oid}`], {
    env: { ...process.env, MIBS: '', SNMP_PERSISTENT_DIR: '/nonexistent' },
  });
  return stdout.trim();
}

/**
 * Debian's snmpd on a free port of 127.0.0.1, answering as a display with WHEELHOUSE-FIDA-MIB. Power, brightness, mode and
 * input can be set and read back. `values` adds to or replaces objects: OID -> [type of snmpd.conf's `override`, value].
 * `readOnly`: the OIDs of objects that nobody may set.
 */
export async function startSnmpd(
  options: { values?: Record<string, [type: string, value: string]>; readOnly?: readonly string[] } = {},
): Promise<Snmpd> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-snmpd-'));
  const v3 = {
    user: 'wheelhouse',
    authProtocol: 'SHA',
    authKey: 'auth-key-for-tests',
    privProtocol: 'AES',
    privKey: 'priv-key-for-tests',
  } as const;
  const community = 'readwrite-for-tests';
  const readOnlyCommunity = 'readonly-for-tests';
  const accessOf = (oid: string): string => (options.readOnly?.includes(oid) ? '' : '-rw ');
  const objects = Object.entries({ ...DISPLAY, ...options.values });
  const conf = [
    `rwcommunity ${community} 127.0.0.1`,
    `rocommunity ${readOnlyCommunity} 127.0.0.1`,
    `createUser ${v3.user} SHA "${v3.authKey}" AES "${v3.privKey}"`,
    `rwuser ${v3.user} authpriv`,
    'sysDescr WHEELHOUSE-FIDA-MIB display served by snmpd',
    `sysObjectID .${ROOT}.3.1`,
    ...objects.map(([oid, [type, value]]) => `override ${accessOf(oid)}.${oid} ${type} ${value}`),
  ];
  const confFile = join(folder, 'snmpd.conf');
  await writeFile(confFile, `${conf.join('\n')}\n`, { mode: 0o600 });

  for (let attempt = 1; attempt <= 5; attempt++) {
    const port = await freeUdpPort();
    const args = ['-f', '-Lo', '-C', '-c', confFile, '-I', '-smux', `udp:127.0.0.1:${port}`];
    const child = spawn('snmpd', args, {
      // Its own folder for what it keeps, so that two of them, or the machine's own, do not share engine boots and users.
      env: { ...process.env, SNMP_PERSISTENT_DIR: folder, MIBS: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (!(await isUp(child))) continue;
    return {
      host: '127.0.0.1',
      port,
      community,
      readOnlyCommunity,
      v3,
      pause: () => void child.kill('SIGSTOP'),
      resume: () => void child.kill('SIGCONT'),
      close: async () => {
        const isRunning = child.exitCode === null && child.signalCode === null;
        const exited = isRunning ? once(child, 'exit') : null;
        // A stopped process can't end by SIGTERM.
        child.kill('SIGKILL');
        await exited;
        await rm(folder, { recursive: true, force: true });
      },
    };
  }
  await rm(folder, { recursive: true, force: true });
  throw new Error('snmpd did not start on any of five free ports');
}
