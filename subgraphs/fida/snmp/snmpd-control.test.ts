import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has } from '../../../tests/programs.ts';
import { SETTING_OIDS, type Snmpd, snmpget, startSnmpd } from '../../../tests/snmpd.ts';
import { createSnmpController, type SnmpController } from './control.ts';
import type { SnmpTarget } from './target.ts';

describe.skipIf(!has('snmpd') || !has('snmpget'))("Debian's snmpd as a display that is set", () => {
  let agent: Snmpd;
  let controller: SnmpController;
  let targets: Record<'V1' | 'V2C' | 'V3', SnmpTarget>;

  beforeAll(async () => {
    agent = await startSnmpd({ readOnly: [SETTING_OIDS.power] });
    controller = createSnmpController({ timeoutMs: 2_000, retries: 1 });
    const { host, port, community, v3 } = agent;
    targets = {
      V1: { host, port, version: 'V1', community },
      V2C: { host, port, version: 'V2C', community },
      V3: { host, port, version: 'V3', ...v3 },
    };
  });
  afterAll(async () => {
    controller?.close();
    await agent?.close();
  });

  test.each([
    ['V2C', 33],
    ['V3', 34],
    ['V1', 35],
  ] as const)('over %s what is set is seen by snmpget, and read back', async (version, brightnessPercent) => {
    const target = targets[version];
    const seenOver = version === 'V3' ? 'V3' : 'V2C';
    const inputSource = version === 'V3' ? 'DVI' : 'OPS';
    expect(await controller.set(target, { brightnessPercent, inputSource })).toEqual({ kind: 'accepted' });
    expect(await snmpget(agent, SETTING_OIDS.brightnessPercent, seenOver)).toBe(`INTEGER: ${brightnessPercent}`);
    expect(await snmpget(agent, SETTING_OIDS.inputSource, seenOver)).toBe(`INTEGER: ${inputSource === 'DVI' ? 4 : 5}`);
    const reading = await controller.read(target);
    expect(reading).toMatchObject({
      kind: 'read',
      profile: 'wheelhouse-fida',
      values: { power: 'ON', brightnessPercent, inputSource },
    });
    expect(reading.kind === 'read' && reading.holds({ brightnessPercent, inputSource })).toBe(true);
  });

  test.each([
    ['V2C', 'power: notWritable (17)'],
    ['V3', 'power: notWritable (17)'],
    ['V1', 'power: noSuchName (2)'],
  ] as const)(
    "over %s an object that is read-only is refused with snmpd's own reason, and nothing is set",
    async (version, detail) => {
      const before = await snmpget(agent, SETTING_OIDS.brightnessPercent, 'V2C');
      expect(await controller.set(targets[version], { power: 'OFF', brightnessPercent: 99 })).toEqual({
        kind: 'refused',
        code: 'NOT_WRITABLE',
        detail,
      });
      expect(await snmpget(agent, SETTING_OIDS.brightnessPercent, 'V2C')).toBe(before);
    },
  );

  test('a community that may only read is refused', async () => {
    const target = { ...targets.V2C, community: agent.readOnlyCommunity };
    expect((await controller.read(target)).kind).toBe('read');
    expect(await controller.set(target, { brightnessPercent: 99 })).toEqual({
      kind: 'refused',
      code: 'NO_ACCESS',
      detail: 'brightnessPercent: noAccess (6)',
    });
  });

  test.each<[string, Partial<SnmpTarget>]>([
    ['an unknown user', { user: 'nobody' }],
    ['a wrong authKey', { authKey: 'wrong-key-1' }],
    ['a wrong privKey', { privKey: 'wrong-key-1' }],
  ])('with %s nothing is set, and the credentials are to blame', async (_what, wrong) => {
    const impatient = createSnmpController({ timeoutMs: 1_000, retries: 0 });
    const outcome = await impatient.set({ ...targets.V3, ...wrong }, { brightnessPercent: 99 });
    impatient.close();
    expect(outcome).toMatchObject({ kind: 'couldNotLook', cause: { code: 'CREDENTIALS_REJECTED' } });
  });

  test('is silent while it is stopped, and nothing is set when it goes on', async () => {
    const impatient = createSnmpController({ timeoutMs: 150, retries: 1 });
    const before = await snmpget(agent, SETTING_OIDS.brightnessPercent, 'V2C');
    try {
      agent.pause();
      const outcome = await impatient.set(targets.V2C, { brightnessPercent: 99 });
      expect(outcome).toEqual({ kind: 'silent', detail: 'no answer within 300 ms' });
    } finally {
      agent.resume();
      impatient.close();
    }
    expect(await snmpget(agent, SETTING_OIDS.brightnessPercent, 'V2C')).toBe(before);
  });
});
