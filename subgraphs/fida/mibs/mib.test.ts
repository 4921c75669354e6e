import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { has } from '../../../tests/programs.ts';
import { oidsOf } from '../profiles/display-state.ts';
import { profiles } from '../profiles/registry.ts';

const folder = import.meta.dirname;
const mib = join(folder, 'WHEELHOUSE-FIDA-MIB.mib');
// Debian has the basic modules in non-free only; net-snmp brings them.
const basicMibs = join(dirname(createRequire(import.meta.url).resolve('net-snmp')), 'lib', 'mibs');

/** All that smilint says; it ends with 0 whatever it finds, and speaks on stderr. */
function lint(file: string): string {
  const env = { ...process.env, SMIPATH: `${folder}:${basicMibs}` };
  const { stdout, stderr } = spawnSync('smilint', ['-l', '6', file], { env, encoding: 'utf8' });
  return stdout + stderr;
}

describe.skipIf(!has('smilint'))('smilint', () => {
  test('finds nothing to say up to level 6', () => {
    expect(lint(mib)).toBe('');
  });

  test('would say it: a module without its group is found out', () => {
    const spoiled = join(mkdtempSync(join(tmpdir(), 'wheelhouse-mib-')), 'WHEELHOUSE-FIDA-MIB.mib');
    onTestFinished(() => rmSync(dirname(spoiled), { recursive: true }));
    writeFileSync(
      spoiled,
      readFileSync(mib, 'utf8').replace('OBJECTS { whFidaOverallHealth }', 'OBJECTS { whFidaPower }'),
    );
    expect(lint(spoiled)).toContain('whFidaOverallHealth');
  });
});

describe.skipIf(!has('snmptranslate'))('the profile wheelhouse-fida', () => {
  const describeOid = (oid: string): string =>
    execFileSync('snmptranslate', ['-M', `${basicMibs}:${folder}`, '-m', 'WHEELHOUSE-FIDA-MIB', '-Td', `.${oid}`], {
      env: { ...process.env, MIBS: '', SNMP_PERSISTENT_DIR: '/nonexistent' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const profile = profiles.get('wheelhouse-fida');

  test('reads only objects that the MIB defines', () => {
    const unknown = (profile ? oidsOf(profile) : []).filter((oid) => !describeOid(oid).includes('OBJECT-TYPE'));
    expect(unknown).toEqual([]);
  });

  test('sets what the MIB lets be set, and nothing else', () => {
    for (const { oid, set } of Object.values(profile?.variables ?? {})) {
      expect(describeOid(oid)).toContain(`MAX-ACCESS\t${set ? 'read-write' : 'read-only'}`);
    }
  });
});
