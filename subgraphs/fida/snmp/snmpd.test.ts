import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { has } from '../../../tests/programs.ts';
import { type Snmpd, startSnmpd } from '../../../tests/snmpd.ts';
import { createSnmpProber, type SnmpProber, type SnmpTarget } from '../snmp.ts';

/** Whether the socket on this UDP port holds what its process has not read. */
function hasWaitingDatagrams(port: number): boolean {
  const place = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const socket = readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([, local]) => local === place);
  // proc_net_udp(5): tx_queue:rx_queue in hexadecimal
  return socket !== undefined && !socket[4]?.endsWith(':00000000');
}

describe.skipIf(!has('snmpd'))("Debian's snmpd as a display", () => {
  let snmpd: Snmpd;
  let prober: SnmpProber;
  let v1: SnmpTarget;
  let v2c: SnmpTarget;
  let v3: SnmpTarget;

  beforeAll(async () => {
    snmpd = await startSnmpd();
    prober = createSnmpProber({ timeoutMs: 2_000, retries: 1 });
    const { host, port, community } = snmpd;
    v1 = { host, port, version: 'V1', community };
    v2c = { host, port, version: 'V2C', community };
    v3 = { host, port, version: 'V3', ...snmpd.v3 };
  });
  afterAll(async () => {
    prober?.close();
    await snmpd?.close();
  });

  const VALUES = {
    power: 'ON',
    brightnessPercent: 70,
    temperatureCelsius: 42.3,
    inputSource: 'HDMI1',
    backlightHours: 18_250,
    model: 'FIDA-55',
    serialNumber: 'SN-REAL-1',
    firmware: '4.2.0',
    ambientLightLux: 320,
    signalPresent: true,
    fansRpm: [1_480],
    problems: [],
  };

  test('is read over v2c', async () => {
    expect(await prober.look(v2c)).toMatchObject({ kind: 'answered', profile: 'wheelhouse-fida', state: VALUES });
  });

  test('is read over v1, where the fans that it lacks void the whole reply', async () => {
    for (let i = 0; i < 3; i++) {
      expect(await prober.look(v1)).toMatchObject({ kind: 'answered', profile: 'wheelhouse-fida', state: VALUES });
    }
  });

  test('is read over v3 authPriv with SHA and AES, by a fresh session and by a known one', async () => {
    for (let i = 0; i < 3; i++) expect(await prober.look(v3)).toMatchObject({ kind: 'answered', state: VALUES });
  });

  test.each<[string, Partial<SnmpTarget>]>([
    ['an unknown user', { user: 'nobody' }],
    ['a wrong authKey', { authKey: 'wrong-key-1' }],
    ['a wrong privKey', { privKey: 'wrong-key-1' }],
    ['a cipher that the user does not have', { privProtocol: 'DES' }],
  ])('with %s the credentials are to blame', async (_what, wrong) => {
    const impatient = createSnmpProber({ timeoutMs: 1_000, retries: 0 });
    const look = await impatient.look({ ...v3, ...wrong });
    impatient.close();
    expect(look).toMatchObject({ kind: 'couldNotLook', cause: { code: 'CREDENTIALS_REJECTED' } });
  });

  test('is silent while it is stopped, and read when it goes on', async () => {
    const impatient = createSnmpProber({ timeoutMs: 150, retries: 1 });
    try {
      for (const target of [v2c, v3]) expect((await prober.look(target)).kind).toBe('answered');
      snmpd.pause();
      expect((await impatient.look(v2c)).kind).toBe('silent');
      // A v3 session that has had answers before: silence, and not wrong keys.
      expect((await prober.look(v3)).kind).toBe('silent');
      snmpd.resume();
      for (const target of [v2c, v3]) expect((await prober.look(target)).kind).toBe('answered');
    } finally {
      snmpd.resume();
      impatient.close();
    }
  });

  test('counts an answer that came in time while something held up this process past the deadline', async () => {
    const strict = createSnmpProber({ timeoutMs: 1_000, retries: 0 });
    try {
      snmpd.pause();
      const look = strict.look({ ...v2c, profile: 'wheelhouse-fida' });
      await expect.poll(() => hasWaitingDatagrams(snmpd.port), { interval: 5 }).toBe(true);
      // From an immediate on, timers have their turn before sockets.
      await new Promise((resolve) => setImmediate(resolve));
      snmpd.resume();
      const until = performance.now() + 1_500;
      while (performance.now() < until);
      expect((await look).kind).toBe('answered');
    } finally {
      snmpd.resume();
      strict.close();
    }
  });
});
