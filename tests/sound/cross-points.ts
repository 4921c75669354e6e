import { expect, it } from 'vitest';
import type { Sound } from './estate.ts';

/** Cross-points of mixers, by their channels. */
export function crossPointsAreSet(sound: Sound): void {
  const setPoints = (group: Record<string, unknown>, more: Record<string, unknown> = {}) =>
    sound.set('main', null, { crossPoints: [{ mixer: 'Mixer', ...group }], ...more });
  const stringOf = (name: string): string => {
    const { design } = sound.coreNamed('main');
    return design.readingOf(design.controlOf('Mixer', name)).String;
  };

  it('take many cross-points by one request, each of which is read back', async () => {
    const told = sound.coreNamed('main').setsReceived;
    const { settingsChange } = await setPoints({ inputs: '1 3-4 !3', outputs: '!3', gainDb: -4, rampSeconds: 0.2 });
    const wanted = { gainDb: -4, rampSeconds: 0.2, inputs: '1 4', outputs: '1-2' };
    const names = [1, 4].flatMap((input) => [1, 2].map((output) => `Mixer/input.${input}.output.${output}.gain`));
    expect(settingsChange).toMatchObject({ state: 'APPLIED', code: null });
    expect(settingsChange.wanted).toEqual(Object.fromEntries(names.map((name) => [name, wanted])));
    for (const name of names) {
      expect(settingsChange.readBack[name]).toMatchObject({ value: -4, string: '-4.0dB' });
      expect(stringOf(name.slice('Mixer/'.length))).toBe('-4.0dB');
    }
    expect(sound.coreNamed('main').setsReceived - told).toBe(1);
    expect(stringOf('input.3.output.1.gain')).toBe('-100dB');
  });

  it('that clamp a cross-point end as a MISMATCH that names it', async () => {
    sound.coreNamed('main').setFault({ kind: 'clampsSets', minPosition: 0, maxPosition: 0.5 });
    const { settingsChange } = await setPoints({ inputs: '7', outputs: '*', gainDb: 0 });
    expect(settingsChange).toMatchObject({
      state: 'MISMATCH',
      readBack: { 'Mixer/input.7.output.2.gain': { value: -40 } },
    });
    expect(settingsChange.detail).toContain('Mixer/input.7.output.2.gain reads');
  });

  it('set each cross-point back to what it was itself', async () => {
    await setPoints({ inputs: '5', outputs: '1', gainDb: -9 });
    await setPoints({ inputs: '5', outputs: '2', gainDb: -18 });
    const { settingsChange: change } = await sound.set('main', null, {
      crossPoints: [
        { mixer: 'Mixer', inputs: '5', outputs: '1-2', gainDb: 0 },
        { mixer: 'Mixer', inputs: '5', outputs: '1', mute: true },
        { mixer: 'Mixer', inputs: '5', outputs: '1', solo: true },
        { mixer: 'Mixer', inputs: '5', outputs: '1', delaySeconds: 0.02 },
      ],
    });
    expect(change.state).toBe('APPLIED');
    expect(stringOf('input.5.output.1.delay')).toBe('20.0ms');
    const { settingsChange: undone } = await sound.undo(change.id);
    expect(undone).toMatchObject({
      ...{ state: 'APPLIED', undoes: change.id },
      readBack: {
        'Mixer/input.5.output.1.gain': { value: -9 },
        'Mixer/input.5.output.2.gain': { value: -18 },
        'Mixer/input.5.output.1.mute': { string: 'unmuted' },
        'Mixer/input.5.output.1.solo': { value: 0 },
        'Mixer/input.5.output.1.delay': { value: 0 },
      },
    });
  });

  it.each<[string, Record<string, unknown>, string, string, string]>([
    ['an unknown mixer', { mixer: 'Attic', mute: true }, '.mixer', 'NOT_FOUND', 'Attic, or does not show it'],
    ['what is no mixer', { mixer: 'Café Gain', mute: true }, '.mixer', 'NOT_SETTABLE', 'no cross-points'],
    ['an input too high', { inputs: '9', mute: true }, '.inputs', 'OUT_OF_RANGE', '1 to 8: Mixer has 8 inputs'],
    ['no output', { outputs: '* !1-3', mute: true }, '.outputs', 'INVALID', 'selects no channel'],
    ['nonsense', { outputs: 'left', mute: true }, '.outputs', 'INVALID', 'ranges as 2-4'],
    ['too much', { inputs: '*', outputs: '*', gainDb: 21 }, '.gainDb', 'OUT_OF_RANGE', '-100 to 20'],
    ['too late', { delaySeconds: 2.1 }, '.delaySeconds', 'OUT_OF_RANGE', '0 to 2'],
    ['nothing', {}, '', 'INVALID', 'exactly one of gainDb'],
  ])('are asked for cross-points in vain: %s', async (_what, group, field, code, message) => {
    expect(await setPoints({ inputs: '1', outputs: '1', ...group })).toMatchObject({
      settingsChange: null,
      userErrors: [{ field: `input.crossPoints.0${field}`, code, message: expect.stringContaining(message) }],
    });
  });
}
