import { describe, expect, it } from 'vitest';
import { checkLiveAsk, checkResolved, type LiveAsk, resolveAsk } from './ask.ts';

const anAsk = (overrides: Partial<LiveAsk> = {}): LiveAsk => ({
  ...{ deviceId: 'core', components: [], controls: [] },
  ...overrides,
});
const KNOWN = [
  { component: 'Gain', name: 'gain' },
  { component: 'Gain', name: 'mute' },
  { component: 'Meter', name: 'level' },
];

describe('what a subscriber asks for', () => {
  it.each([
    [{}, 'components', 'name something'],
    [{ components: [], controls: [] }, 'components', 'name something'],
    [{ components: Array.from({ length: 51 }, () => 'x') }, 'components', 'at most 50 items, and has 51'],
    [{ controls: Array.from({ length: 1_001 }, () => ({ name: 'x' })) }, 'controls', 'at most 1000 items'],
    [{ components: ['x', ''] }, 'components.1', '1 to 200'],
    [{ controls: [{ name: 'x'.repeat(201) }] }, 'controls.0.name', '1 to 200'],
    [{ controls: [{ component: 'a\u0000', name: 'x' }] }, 'controls.0.component', 'control characters'],
  ])('is refused where it is %j', (given, field, message) => {
    expect(() => checkLiveAsk({ id: 'core', ...given })).toThrow(
      expect.objectContaining({
        extensions: { code: 'BAD_USER_INPUT', field },
        message: expect.stringContaining(message),
      }),
    );
  });

  it('is taken at its limits, a component once', () => {
    const components = Array.from({ length: 50 }, () => 'Gain');
    const controls = Array.from({ length: 1_000 }, (_, i) => ({ name: `${i}` }));
    expect(checkLiveAsk({ id: 'core', components, controls })).toMatchObject({
      ...{ deviceId: 'core', components: ['Gain'] },
      controls: expect.arrayContaining([{ component: null, name: '999' }]),
    });
  });

  it('comes to the controls of its components and those that it names, each once', () => {
    const controls = [
      { component: 'Gain', name: 'gain' },
      { component: 'Meter', name: 'level' },
      { component: null, name: 'CafeGain' },
    ];
    const { controls: found, missing } = resolveAsk(anAsk({ components: ['Gain'], controls }), KNOWN);
    expect([...found.keys()]).toEqual(['Gain/gain', 'Gain/mute', 'Meter/level', 'CafeGain']);
    expect(missing).toEqual([]);
  });

  it('is refused where the design lacks a component or a control, and too much of it', () => {
    const faultOf = (ask: LiveAsk, known = KNOWN) => {
      try {
        checkResolved(ask, resolveAsk(ask, known));
        return undefined;
      } catch (err) {
        return err;
      }
    };
    expect(faultOf(anAsk({ components: ['Gain', 'Attic'] }))).toMatchObject({
      ...{ extensions: { field: 'components.1' }, message: expect.stringContaining('Attic') },
    });
    const controls = [
      { component: 'Gain', name: 'gain' },
      { component: 'Gain', name: 'bass' },
    ];
    expect(faultOf(anAsk({ controls }))).toMatchObject({
      ...{ extensions: { field: 'controls.1' }, message: expect.stringContaining('bass of Gain') },
    });
    const large = Array.from({ length: 5_001 }, (_, i) => ({ component: 'Mixer', name: `${i}` }));
    expect(faultOf(anAsk({ components: ['Mixer'] }), large)).toMatchObject({
      message: expect.stringContaining('5001 controls, and at most 5000'),
    });
    expect(faultOf(anAsk({ components: ['Mixer'] }), large.slice(1))).toBeUndefined();
  });

  it('of a design that is not known yet is what it names, and its components are missing', () => {
    const ask = anAsk({ components: ['Gain'], controls: [{ component: 'Meter', name: 'level' }] });
    const { controls, missing } = resolveAsk(ask, null);
    expect([...controls.keys()]).toEqual(['Meter/level']);
    expect(missing).toEqual([{ component: 'Gain', name: null }]);
  });
});
