import { anIndependentClient, commands } from '@wheelhouse/simulators/qsys/testing/independent-client.ts';
import { expect, it } from 'vitest';
import { gainTo, type Sound } from './estate.ts';

/** What comes of setting controls. */
export function coresAreSet(sound: Sound): void {
  it('take a gain, which is read back and seen by an independent client', async () => {
    const { client } = await anIndependentClient(sound.coreNamed('main').tcpPort);
    const payload = await sound.set('main', [gainTo(-12.5), { name: 'CafeMute', value: 1 }], {
      reason: 'it is too loud',
    });
    expect(payload).toMatchObject({
      settingsChange: {
        ...{ state: 'APPLIED', code: null },
        wanted: { 'Café Gain/gain': { value: -12.5 }, CafeMute: { value: 1 } },
        before: { 'Café Gain/gain': { value: -33, string: '-33.0dB' }, CafeMute: { value: 0, string: 'unmuted' } },
        readBack: { 'Café Gain/gain': { value: -12.5, string: '-12.5dB' }, CafeMute: { value: 1, string: 'muted' } },
      },
      core: { settingsVersion: 1, component: { control: { value: -12.5, string: '-12.5dB' } } },
      userErrors: [],
    });
    expect(await client.send(commands.getNamedControls('CafeGain', 'CafeMute'))).toMatchObject([
      { Value: -12.5 },
      { String: 'muted' },
    ]);
    const { data } = await sound.wheelhouse.query(
      'query ($id: ID!) { settingsChange(id: $id) { state requestedBy reason } }',
      {
        id: payload.settingsChange.id,
      },
    );
    expect(data.settingsChange).toEqual({ state: 'APPLIED', requestedBy: 'anonymous', reason: 'it is too loud' });
  });

  it('take the cross-points of a mixer, a position, a text, and a mute, together', async () => {
    const payload = await sound.set('main', [
      { component: 'Mixer', name: 'input.2.output.3.gain', value: -3 },
      { component: 'Mixer', name: 'input.2.output.3.mute', mute: false },
      { component: 'Café Gain', name: 'gain', position: 0.5 },
      { component: 'Café Gain', name: 'label', text: 'Terrasse 🎻' },
      { component: 'Café Gain', name: 'mute', mute: false },
      { component: 'Café Gain', name: 'source', value: 4 },
    ]);
    expect(payload).toMatchObject({ settingsChange: { state: 'APPLIED' }, userErrors: [] });
    expect(payload.settingsChange.readBack).toMatchObject({
      ...{ 'Mixer/input.2.output.3.gain': { value: -3 }, 'Café Gain/gain': { value: -40 } },
      ...{ 'Café Gain/label': { string: 'Terrasse 🎻' }, 'Café Gain/source': { value: 4 } },
    });
  });

  it('are waited for while a ramp lasts', async () => {
    const startedMs = performance.now();
    const payload = await sound.set('main', [gainTo(0, { rampSeconds: 1 })]);
    expect(payload).toMatchObject({ settingsChange: { state: 'APPLIED' } });
    expect(performance.now() - startedMs).toBeGreaterThan(900);
  });

  it('that clamp what they are told end as a MISMATCH with what was read', async () => {
    sound.coreNamed('main').setFault({ kind: 'clampsSets', minPosition: 0, maxPosition: 0.5 });
    const payload = await sound.set('main', [gainTo(10)]);
    expect(payload.settingsChange).toMatchObject({
      ...{ state: 'MISMATCH', code: 'MISMATCH', readBack: { 'Café Gain/gain': { value: -40 } } },
    });
  });

  it('that refuse are REJECTED in their own words', async () => {
    sound.coreNamed('main').setFault({ kind: 'refusesSets', error: 'server' });
    expect((await sound.set('main', [gainTo(-20)])).settingsChange).toMatchObject({
      state: 'REJECTED',
      code: 'SERVER_ERROR',
    });
    sound.coreNamed('main').setFault(null);
    expect((await sound.set('main', [{ name: 'NoSuchControl', value: 1 }])).settingsChange).toMatchObject({
      ...{ state: 'REJECTED', code: 'UNKNOWN_CONTROL' },
    });
  });

  it('are told a gain again only where it did not take effect', async () => {
    const core = sound.coreNamed('main');
    const told = core.setsReceived;
    core.setFault({ kind: 'dropsAtSet', obeys: true });
    expect((await sound.set('main', [gainTo(-7)])).settingsChange).toMatchObject({ state: 'APPLIED' });
    expect(core.setsReceived - told).toBe(1);
  });

  it('answer a request that was sent again with the change that it made', async () => {
    const more = { idempotencyKey: 'evening' };
    const first = await sound.set('main', [gainTo(-9)], more);
    const second = await sound.set('main', [gainTo(-9)], more);
    expect(second.settingsChange).toMatchObject({ id: first.settingsChange.id, state: 'APPLIED' });
    expect(await sound.set('main', [gainTo(-8)], more)).toMatchObject({
      userErrors: [{ field: 'input.idempotencyKey', code: 'CONFLICT' }],
    });
  });
}
