import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has } from '../../tests/programs.ts';
import { type SimulatedDisplay, type SimulatedDisplays, startDisplays } from './start-displays.ts';

const run = promisify(execFile);
const fidaMibs = join(import.meta.dirname, '..', '..', 'subgraphs', 'fida', 'mibs');
// Debian has the basic modules in non-free only; net-snmp brings them.
const basicMibs = join(dirname(createRequire(import.meta.url).resolve('net-snmp')), 'lib', 'mibs');
const WITH_MIB = ['-M', `${basicMibs}:${fidaMibs}`, '-m', 'WHEELHOUSE-FIDA-MIB'];
const ROOT = '.1.3.6.1.4.1.32473.1.1';
const LG = '.1.3.6.1.4.1.7824.300';
const SIGN = '.1.3.6.1.4.1.1206.4.2.3';

const V3_KEYS = {
  version: 'V3',
  user: 'operator',
  authProtocol: 'SHA',
  authKey: 'auth-key-1',
  privProtocol: 'AES',
  privKey: 'priv-key-1',
} as const;

function credentials({ snmp }: SimulatedDisplay): string[] {
  if (snmp.version !== 'V3') return [snmp.version === 'V1' ? '-v1' : '-v2c', '-c', snmp.community];
  const { user, authKey = '', privKey = '' } = snmp;
  return ['-v3', '-l', 'authPriv', '-u', user, '-a', 'SHA', '-A', authKey, '-x', 'AES', '-X', privKey];
}

/** Debian's program against a display: what it printed, one line each; its complaint when it failed. */
async function client(program: string, display: SimulatedDisplay, args: string[], options: string[] = []) {
  const flags = [...credentials(display), '-t', '2', '-r', '1', ...options, `127.0.0.1:${display.port}`];
  const env = { ...process.env, MIBS: '', SNMP_PERSISTENT_DIR: '/nonexistent' };
  try {
    const { stdout } = await run(program, [...flags, ...args], { env });
    return stdout.trim().split('\n');
  } catch (err) {
    return [err instanceof Error && 'stderr' in err ? String(err.stderr) : String(err)];
  }
}

describe.skipIf(!has('snmpwalk'))("Debian's SNMP programs", () => {
  let running: SimulatedDisplays;
  let fida: SimulatedDisplay;
  let secured: SimulatedDisplay;
  let lg: SimulatedDisplay;
  let old: SimulatedDisplay;
  let sign: SimulatedDisplay;

  beforeAll(async () => {
    running = await startDisplays([
      { name: 'fida', profile: 'wheelhouse-fida', access: { version: 'V2C', community: 'public' } },
      { name: 'secured', profile: 'wheelhouse-fida', access: V3_KEYS },
      { name: 'lg', profile: 'lg-commercial', access: { version: 'V2C', community: 'lgecommer' } },
      { name: 'old', profile: 'wheelhouse-fida', access: { version: 'V1', community: 'public' } },
      { name: 'sign', profile: 'ntcip-1203', access: { version: 'V1', community: 'public' } },
    ]);
    const [first, second, third, fourth, fifth] = running.displays;
    if (!first || !second || !third || !fourth || !fifth) throw new Error('five displays were to start');
    [fida, secured, lg, old, sign] = [first, second, third, fourth, fifth];
  });
  afterAll(() => running?.close());

  const both = (): SimulatedDisplay[] => [fida, secured];

  test('get what the MIB names, by its names', async () => {
    for (const display of both()) {
      const names = ['whFidaPower.0', 'whFidaPanelTemperature.0', 'whFidaFanSpeed.2', 'whFidaOverallHealth.0'];
      expect(
        await client(
          'snmpget',
          display,
          names.map((name) => `WHEELHOUSE-FIDA-MIB::${name}`),
          WITH_MIB,
        ),
      ).toEqual([
        'WHEELHOUSE-FIDA-MIB::whFidaPower.0 = INTEGER: on(1)',
        'WHEELHOUSE-FIDA-MIB::whFidaPanelTemperature.0 = INTEGER: 42.3 tenths of a degree Celsius',
        'WHEELHOUSE-FIDA-MIB::whFidaFanSpeed.2 = Gauge32: 1510 revolutions per minute',
        'WHEELHOUSE-FIDA-MIB::whFidaOverallHealth.0 = INTEGER: ok(1)',
      ]);
    }
  });

  test('walk and bulk-walk the same objects in order, to the end', async () => {
    for (const display of [...both(), lg]) {
      const enterprises = ['.1.3.6.1.4.1'];
      const walked = await client('snmpwalk', display, enterprises, ['-On']);
      expect(walked.length).toBeGreaterThan(10);
      expect(await client('snmpbulkwalk', display, enterprises, ['-On'])).toEqual(walked);
      expect(await client('snmpbulkwalk', display, enterprises, ['-On', '-Cr3'])).toEqual(walked);
    }
  });

  test('read the system group', async () => {
    const lines = await client('snmpwalk', fida, ['.1.3.6.1.2.1.1'], ['-On']);
    expect(lines[0]).toBe('.1.3.6.1.2.1.1.1.0 = STRING: "Wheelhouse Fida display"');
    expect(lines[1]).toBe('.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.32473.1.3.1');
    expect(lines[2]).toMatch(/^\.1\.3\.6\.1\.2\.1\.1\.3\.0 = Timeticks: \(\d+\)/);
    expect(lines[3]).toBe('.1.3.6.1.2.1.1.5.0 = STRING: "fida"');
  });

  test('over v1 walk what a newer version walks', async () => {
    for (const display of [old, sign]) {
      const walked = await client('snmpwalk', display, ['.1.3.6.1.4.1'], ['-On']);
      expect(walked.length).toBeGreaterThan(10);
      if (display === old) expect(walked).toHaveLength((await client('snmpwalk', fida, ['.1.3.6.1.4.1'])).length);
    }
  });

  test('over v1 get all of a request or, with one object that is lacking in the middle, nothing', async () => {
    const [power, lacking, brightness] = [`${ROOT}.2.1.0`, `${ROOT}.4.1.2.4`, `${ROOT}.2.2.0`];
    expect(await client('snmpget', old, [power, brightness], ['-On'])).toEqual([
      `${power} = INTEGER: 1`,
      `${brightness} = INTEGER: 70`,
    ]);
    // -Cf: without it the program asks again without the object that is to blame.
    const [complaint] = await client('snmpget', old, [power, lacking, brightness], ['-On', '-Cf']);
    expect(complaint).toMatch(/noSuchName/);
    expect(complaint).toContain(`Failed object: ${lacking}`);
  });

  test('over v1 are refused in the words of v1', async () => {
    const refusal = async (change: string[]) => (await client('snmpset', old, change))[0];
    expect(await refusal([`${ROOT}.2.2.0`, 'i', '101'])).toMatch(/badValue/);
    expect(await refusal([`${ROOT}.3.2.0`, 'i', '1'])).toMatch(/noSuchName/);
    expect(await refusal([`${ROOT}.9.9.0`, 'i', '1'])).toMatch(/noSuchName/);
    expect(await client('snmpbulkwalk', fida, [`${ROOT}.2`])).toHaveLength(4);
  });

  test('set the brightness of a sign, but only in its manual mode', async () => {
    const [control, manualLevel, level] = [`${SIGN}.7.1.0`, `${SIGN}.7.6.0`, `${SIGN}.7.5.0`];
    await client('snmpset', sign, [control, 'i', '2']);
    expect((await client('snmpset', sign, [manualLevel, 'i', '60']))[0]).toMatch(/badValue/);
    expect(sign.values).toMatchObject({ brightnessMode: 'AUTO', brightnessPercent: 70 });
    await client('snmpset', sign, [control, 'i', '5']);
    await client('snmpset', sign, [manualLevel, 'i', '60']);
    expect(sign.values).toMatchObject({ brightnessMode: 'MANUAL', brightnessPercent: 30 });
    expect(await client('snmpget', sign, [level, manualLevel], ['-On'])).toEqual([
      `${level} = INTEGER: 60`,
      `${manualLevel} = INTEGER: 60`,
    ]);
    expect((await client('snmpset', sign, [manualLevel, 'i', '201']))[0]).toMatch(/badValue/);
    sign.set({ power: 'OFF' });
    expect(await client('snmpget', sign, [level], ['-On'])).toEqual([`${level} = INTEGER: 0`]);
  });

  test('are told of what does not exist, object or instance', async () => {
    const lines = await client('snmpget', fida, [`${ROOT}.9.9.0`, `${ROOT}.4.1.2.4`], ['-On']);
    expect(lines).toEqual([
      `${ROOT}.9.9.0 = No Such Object available on this agent at this OID`,
      `${ROOT}.4.1.2.4 = No Such Instance currently exists at this OID`,
    ]);
  });

  test('set what can be set, and read it back', async () => {
    for (const display of both()) {
      const change = [`${ROOT}.2.1.0`, 'i', '2', `${ROOT}.2.2.0`, 'i', '35', `${ROOT}.2.4.0`, 'i', '5'];
      await client('snmpset', display, change);
      expect(display.values).toMatchObject({ power: 'OFF', brightnessPercent: 35, inputSource: 'OPS' });
      expect(await client('snmpget', display, [`${ROOT}.2.2.0`], ['-On'])).toEqual([`${ROOT}.2.2.0 = INTEGER: 35`]);
    }
    await client('snmpset', lg, [`${LG}.3.8.0`, 's', '4b', `${LG}.3.1.0`, 's', '00']);
    expect(lg.values).toMatchObject({ power: 'OFF', brightnessPercent: 75 });
    expect(await client('snmpget', lg, [`${LG}.3.8.0`], ['-On'])).toEqual([`${LG}.3.8.0 = STRING: "4b"`]);
  });

  test.each<[string, string[], RegExp]>([
    ['too much', [`${ROOT}.2.2.0`, 'i', '101'], /wrongValue/],
    ['of another type', [`${ROOT}.2.2.0`, 's', '50'], /wrongType/],
    ['read-only', [`${ROOT}.3.2.0`, 'i', '1'], /notWritable/],
    ['unknown', [`${ROOT}.9.9.0`, 'i', '1'], /noCreation/],
  ])('are refused what is %s, and nothing of the request is done', async (_what, wrong, reason) => {
    const before = fida.values;
    const [complaint] = await client('snmpset', fida, [`${ROOT}.2.1.0`, 'i', '1', ...wrong]);
    expect(complaint).toMatch(reason);
    expect(fida.values).toEqual(before);
  });

  test.each<[string, Partial<Record<'-u' | '-A' | '-X' | '-a', string>>, RegExp]>([
    ['user', { '-u': 'nobody' }, /Unknown user name/],
    ['authKey', { '-A': 'wrong-key-1' }, /Authentication failure/],
    ['privKey', { '-X': 'wrong-key-1' }, /Decryption error/],
  ])('with a wrong %s hear why', async (_what, wrong, complaint) => {
    const right = credentials(secured);
    const flags = right.map((flag, i) => {
      const [, replacement] = Object.entries(wrong).find(([name]) => right[i - 1] === name) ?? [];
      return replacement ?? flag;
    });
    const place = `127.0.0.1:${secured.port}`;
    await expect(run('snmpget', [...flags, '-t', '2', '-r', '0', place, `${ROOT}.2.1.0`])).rejects.toThrow(complaint);
  });

  test('with a wrong community hear nothing', async () => {
    const args = ['-v2c', '-c', 'wrong', '-t', '0.2', '-r', '0', `127.0.0.1:${fida.port}`, `${ROOT}.2.1.0`];
    await expect(run('snmpget', args)).rejects.toThrow(/Timeout/);
  });
});
