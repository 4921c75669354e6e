import { anIndependentClient, commands } from '@wheelhouse/simulators/qsys/testing/independent-client.ts';
import { expect, it } from 'vitest';
import { eventually } from '../harness.ts';
import type { Sound } from './estate.ts';

/** What a Core tells of itself, and what becomes of it. */
export function coresAreWatched(sound: Sound): void {
  it('come ONLINE with what they say of themselves, and with the components of their design', async () => {
    for (const { name } of sound.simulated.cores) await sound.changeOf(name, 'ONLINE');
    for (const name of ['main', 'alone', 'by websocket']) {
      const node = await eventually(`the components of ${name} are read`, async () => {
        const found = await sound.nodeOf(name);
        return found?.components && found;
      });
      expect(node).toMatchObject({
        ...{
          __typename: 'AudioCore',
          status: 'ONLINE',
          platform: 'Core 110f',
          designName: 'Café',
          engineState: 'ACTIVE',
        },
        ...{ isRedundant: name === 'main', isEmulator: false, problems: [], lookProblem: null, settingsVersion: 0 },
        ...{ designCode: 'qTest1', measuredAt: expect.any(String), roundTripMs: expect.any(Number) },
        components: {
          nodes: [
            { name: 'Amplifier', type: 'cxq_amplifier' },
            { name: 'Café Gain', type: 'gain' },
          ],
          pageInfo: { hasNextPage: true, endCursor: expect.any(String) },
        },
        component: {
          type: 'gain',
          controls: [
            {
              ...{ name: 'gain', type: 'Float', value: -6, string: '-6.0dB', min: -100, max: 20 },
              ...{ position: expect.closeTo(0.7833, 3), direction: 'READ_WRITE' },
            },
            { name: 'mute', type: 'Boolean', value: 0, string: 'unmuted', min: null, max: null },
            { name: 'source', type: 'Integer', value: 1, min: 1, max: 8 },
          ],
        },
      });
    }
  });

  it('that wait as the backup of a pair are ONLINE, and no fault', async () => {
    await sound.changeOf('backup', 'ONLINE');
    expect(await sound.nodeOf('backup')).toMatchObject({
      ...{
        status: 'ONLINE',
        engineState: 'STANDBY',
        isRedundant: true,
        problems: [],
        components: null,
        component: null,
      },
    });
  });

  it('tell what has changed in their controls', async () => {
    const { client } = await anIndependentClient(sound.coreNamed('main').tcpPort);
    await client.send(commands.setNamedControl('CafeGain', -33));
    const control = await eventually('the change is read', async () => {
      const [gain] = (await sound.nodeOf('main')).component.controls;
      return gain.value === -33 && gain;
    });
    expect(control).toMatchObject({ string: '-33.0dB' });
  });

  it('are DEGRADED with their own words while they report a fault', async () => {
    sound.changes.events.length = 0;
    sound.coreNamed('alone').setStatus({ code: 2, text: 'Amplifier 3 is over temperature' });
    const { data } = await sound.changeOf('alone', 'DEGRADED');
    expect(data.deviceStatusChanged.reason).toContain('Fault: Amplifier 3 is over temperature');
    sound.coreNamed('alone').setStatus({ code: 0, text: 'OK' });
    await sound.changeOf('alone', 'ONLINE');
  });

  it('reach a subscriber as OFFLINE when they die, and as ONLINE when they are back', async () => {
    sound.changes.events.length = 0;
    sound.coreNamed('by websocket').setFault({ kind: 'silent' });
    const { data } = await sound.changeOf('by websocket', 'OFFLINE');
    expect(data.deviceStatusChanged).toMatchObject({
      ...{ from: 'ONLINE', device: { __typename: 'AudioCore', designName: 'Café' } },
      reason: expect.stringContaining('no answer within 500 ms'),
    });
    sound.coreNamed('by websocket').setFault(null);
    expect((await sound.changeOf('by websocket', 'ONLINE')).data.deviceStatusChanged).toMatchObject({
      from: 'OFFLINE',
    });
  });

  it('tell their values again after a restart', async () => {
    const before = (await sound.nodeOf('alone')).component.controls[0];
    await sound.coreNamed('alone').restart({ awayMs: 100 });
    const after = await eventually('the values were told again', async () => {
      const [gain] = (await sound.nodeOf('alone')).component.controls;
      return gain.measuredAt > before.measuredAt && gain;
    });
    expect(after).toMatchObject({ value: -6 });
  });
}
