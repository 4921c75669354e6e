import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { delimiter } from 'node:path';
import { findProgram, SYSTEM_FOLDERS } from '@wheelhouse/standalone/programs.ts';

/** Programs that some tests need, and the Debian package that brings each. */
export const DEBIAN_PACKAGES: Readonly<Record<string, string>> = {
  chromium: 'chromium',
  curl: 'curl',
  fping: 'fping',
  ip: 'iproute2',
  mosquitto: 'mosquitto',
  ping: 'iputils-ping',
  'redis-server': 'redis-server',
  smilint: 'smitools',
  snmpbulkwalk: 'snmp',
  snmpd: 'snmpd',
  snmpget: 'snmp',
  snmpset: 'snmp',
  snmptranslate: 'snmp',
  snmpwalk: 'snmp',
};

function isInstalled(program: string): boolean {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const missing = SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder));
  // Tests start programs by name, so they must be found where this function finds them.
  if (missing.length > 0) process.env.PATH = [...folders, ...missing].join(delimiter);
  return findProgram(program) !== null;
}

/** @throws Error with CI=true: there nothing may be left out */
function leaveOut(what: string, why: string): void {
  const leftOutFile = process.env.WHEELHOUSE_LEFT_OUT_FILE;
  if (leftOutFile !== undefined) appendFileSync(leftOutFile, `${what}\n`);
  if (process.env.CI === 'true') throw new Error(`CI=true, and ${why}`);
}

/**
 * Whether `program` is installed, for `describe.skipIf(!has('snmpd'))`.
 *
 * @throws Error with CI=true when it is missing: there nothing may be left out
 */
export function has(program: string): boolean {
  const installed = isInstalled(program);
  if (!installed) leaveOut(program, `${program} is missing: apt-get install ${DEBIAN_PACKAGES[program] ?? program}`);
  return installed;
}

/**
 * Whether this machine lets us do `what`, which is said when it is left out.
 *
 * @throws Error with CI=true when it does not
 */
export function allows(what: string, isAllowed: () => boolean): boolean {
  const allowed = isAllowed();
  if (!allowed) leaveOut(what, `this machine does not allow ${what}`);
  return allowed;
}

/** Whether an installed ping or fping may send ICMP: file capabilities are lost in some copies of a system. */
export const maySendIcmp = (program: 'fping' | 'ping'): boolean =>
  allows(`${program} to send ICMP`, () => spawnSync(program, ['-c', '1', '127.0.0.1']).status === 0);
