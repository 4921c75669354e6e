import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './harness.ts';
import { type SettableDisplays, startSettableDisplays } from './settings-graph.ts';

describe('a display that is set', () => {
  let estate: SettableDisplays;
  beforeAll(async () => {
    const names = [
      'obedient',
      'refusing',
      'ignoring',
      'late',
      'deaf',
      'mute',
      'dying',
      'dead',
      'done',
      'expected',
      'undoing',
    ];
    estate = await startSettableDisplays(names.map((name) => ({ name })));
  });
  afterAll(() => estate.close());

  it('is APPLIED when it obeys, with what it read before and after', async () => {
    const { settingsChange, display, userErrors } = await estate.outcomeOf('obedient', {
      ...{ brightnessPercent: 40, power: 'OFF', reason: 'closing time' },
    });
    expect(userErrors).toEqual([]);
    expect(settingsChange).toMatchObject({
      ...{ state: 'APPLIED', wanted: { brightnessPercent: 40, power: 'OFF' }, code: null, detail: null },
      ...{ before: { brightnessPercent: 70, power: 'ON' }, readBack: { brightnessPercent: 40, power: 'OFF' } },
      ...{ requestedBy: 'anonymous', reason: 'closing time', settingsVersion: 1, undoes: null },
    });
    // The display in the same answer is the new one, long before the next sweep.
    expect(display).toMatchObject({ name: 'obedient', settingsVersion: 1, brightnessPercent: 40, power: 'OFF' });
    expect(estate.displayOf('obedient').values).toMatchObject({ brightnessPercent: 40, power: 'OFF' });
    expect(estate.displayOf('obedient').setsReceived).toBe(1);
  });

  it("is REJECTED when it refuses, with SNMP's own reason", async () => {
    estate.displayOf('refusing').setFault({ kind: 'refusesSets', error: 'notWritable' });
    const { settingsChange, display } = await estate.outcomeOf('refusing', { brightnessPercent: 40 });
    expect(settingsChange).toMatchObject({ state: 'REJECTED', before: { brightnessPercent: 70 } });
    expect(settingsChange.detail).toContain('notWritable (17)');
    expect(display.brightnessPercent).toBe(70);
  });

  it('is read back when it could not undo what it refused', async () => {
    estate.displayOf('undoing').setFault({ kind: 'refusesSets', error: 'undoFailed' });
    const { settingsChange } = await estate.outcomeOf('undoing', { brightnessPercent: 40 });
    expect(settingsChange).toMatchObject({
      ...{ state: 'MISMATCH', code: 'UNDO_FAILED', readBack: { brightnessPercent: 70 } },
      detail: expect.stringContaining('undoFailed (15)'),
    });
    expect(estate.displayOf('undoing').setsReceived).toBe(1);
  });

  it('is a MISMATCH when it says yes and does nothing', async () => {
    estate.displayOf('ignoring').setFault({ kind: 'ignoresSets' });
    const { settingsChange } = await estate.outcomeOf('ignoring', { brightnessPercent: 40 });
    expect(settingsChange).toMatchObject({
      ...{ state: 'MISMATCH', wanted: { brightnessPercent: 40 }, readBack: { brightnessPercent: 70 } },
    });
    expect(estate.displayOf('ignoring').setsReceived).toBe(1);
  });

  it('is APPLIED when it obeys late', async () => {
    estate.displayOf('late').setFault({ kind: 'obeysLate', delayMs: 300 });
    const { settingsChange } = await estate.outcomeOf('late', { brightnessPercent: 40 });
    expect(settingsChange).toMatchObject({ state: 'APPLIED', readBack: { brightnessPercent: 40 } });
    expect(estate.displayOf('late').setsReceived).toBe(1);
  });

  it.each([
    ['dying', { obeys: true, answers: true }],
    ['deaf', { obeys: false, answers: false }],
    ['mute', { obeys: true, answers: false }],
  ])('is UNREACHABLE when it dies of it: %s', async (name, fault) => {
    estate.displayOf(name).setFault({ kind: 'diesAtSet', ...fault });
    const { settingsChange } = await estate.outcomeOf(name, { brightnessPercent: 40 });
    expect(settingsChange).toMatchObject({ state: 'UNREACHABLE', before: { brightnessPercent: 70 }, readBack: null });
    expect(settingsChange.detail).toContain('whether it took effect is not known');
    expect(estate.displayOf(name).setsReceived).toBe(1);
  });

  it('is UNREACHABLE when it is silent, and nothing is sent', async () => {
    estate.displayOf('dead').setFault({ kind: 'silent' });
    const { settingsChange } = await estate.outcomeOf('dead', { brightnessPercent: 40 });
    expect(settingsChange).toMatchObject({ state: 'UNREACHABLE', code: 'NO_ANSWER', before: null, readBack: null });
    estate.displayOf('dead').setFault(null);
    expect(estate.displayOf('dead').setsReceived).toBe(0);
  });

  it('is APPLIED without a SET when it is so already', async () => {
    const { settingsChange } = await estate.outcomeOf('done', { brightnessPercent: 70 });
    expect(settingsChange).toMatchObject({ state: 'APPLIED', detail: expect.stringContaining('already') });
    expect(estate.displayOf('done').setsReceived).toBe(0);
  });

  it('is REJECTED as a CONFLICT when it has other values than expected, and nothing is sent', async () => {
    // Somebody used the remote control since the last look.
    estate.displayOf('expected').set({ brightnessPercent: 20 });
    const { settingsChange } = await estate.outcomeOf('expected', {
      ...{ brightnessPercent: 40, expected: { brightnessPercent: 70 } },
    });
    expect(settingsChange).toMatchObject({ state: 'REJECTED', code: 'CONFLICT', readBack: { brightnessPercent: 20 } });
    expect(settingsChange.detail).toContain('brightnessPercent is 20, not 70 as expected');
    expect(estate.displayOf('expected').setsReceived).toBe(0);
  });

  it('answers with PENDING when the wait is over, and the change goes on', async () => {
    estate.displayOf('late').setFault({ kind: 'obeysLate', delayMs: 300 });
    const { settingsChange } = await estate.set('late', { brightnessPercent: 10, waitMs: 0 });
    expect(settingsChange).toMatchObject({ state: 'PENDING', finishedAt: null, readBack: null });
    await eventually('it obeyed', () => estate.displayOf('late').values.brightnessPercent === 10);
  });

  it('keeps what was read back until a look that began later says otherwise', async () => {
    await estate.outcomeOf('obedient', { brightnessPercent: 55 });
    const { data } = await estate.wheelhouse.query(
      'query ($id: ID!) { device(id: $id) { ... on FidaDisplay { brightnessPercent settable { name min max isWhole choices otherCodes maxLength } } } }',
      { id: estate.idOf('obedient') },
    );
    expect(data.device.brightnessPercent).toBe(55);
    expect(data.device.settable).toEqual([
      { name: 'power', min: null, max: null, isWhole: null, choices: ['ON', 'OFF'], otherCodes: null, maxLength: null },
      { name: 'brightnessPercent', min: 0, max: 100, isWhole: true, choices: null, otherCodes: null, maxLength: null },
      {
        ...{ name: 'inputSource', min: null, max: null, isWhole: null, otherCodes: null, maxLength: null },
        choices: ['HDMI1', 'HDMI2', 'DISPLAYPORT', 'DVI', 'OPS', 'MEDIA_PLAYER'],
      },
    ]);
  });
});
