import { anIndependentClient, commands } from '@wheelhouse/simulators/qsys/testing/independent-client.ts';
import { expect, it } from 'vitest';
import { eventually } from '../harness.ts';
import { gainTo, type Sound } from './estate.ts';

const codes = (answer: { userErrors: { field: string; code: string }[] }): string[] =>
  answer.userErrors.map(({ field, code }) => `${field} ${code}`);

/** Dry runs, and changes that are taken back. */
export function changesArePlannedAndTakenBack(sound: Sound): void {
  const label = (text: string) => ({ component: 'Café Gain', name: 'label', text });
  const chime = { component: 'Café Gain', name: 'chime', trigger: true };
  const planFor = async (controls: unknown[]): Promise<string> =>
    (await sound.set('main', controls, { dryRun: true })).plan.id;

  it('are not touched by a dry run, nor by a change that expects another version', async () => {
    await sound.set('main', [gainTo(-7)]);
    const told = sound.coreNamed('main').setsReceived;
    const planned = await sound.set('main', [gainTo(5), { name: 'CafeMute', mute: true }, chime], {
      ...{ dryRun: true, reason: 'a tour' },
    });
    expect(planned).toMatchObject({
      settingsChange: { state: 'PLANNED', before: { 'Café Gain/gain': { value: -7 } }, reason: 'a tour' },
      plan: {
        effects: [
          "Café Gain/chime is fired: what it does can't be taken back",
          'what CafeMute is at present is not known',
        ],
      },
    });
    expect(planned.plan.changes).toMatchObject([
      { setting: 'Café Gain/gain', before: { value: -7, string: '-7.0dB' }, after: { value: 5 } },
      { setting: 'CafeMute', before: null, after: { mute: true } },
      { setting: 'Café Gain/chime', after: { trigger: true } },
    ]);
    expect(planned.plan.id).toBe(planned.settingsChange.id);
    expect(new Date(planned.plan.expiresAt).getTime()).toBeGreaterThan(Date.now() + 14 * 60_000);
    for (const dryRun of [true, false])
      expect(await sound.set('main', [gainTo(5)], { expectedSettingsVersion: 1, dryRun })).toMatchObject({
        ...{ settingsChange: null, plan: null },
        userErrors: [{ field: 'input.expectedSettingsVersion', code: 'CONFLICT' }],
      });
    expect(sound.coreNamed('main').setsReceived).toBe(told);
  });

  it('obey a plan that is applied by its id, once', async () => {
    const plan = await planFor([gainTo(-20), label('planned')]);
    const told = sound.coreNamed('main').setsReceived;
    const first = await sound.apply(plan);
    expect(first.settingsChange).toMatchObject({ state: 'APPLIED', readBack: { 'Café Gain/gain': { value: -20 } } });
    expect((await sound.apply(plan)).settingsChange).toEqual(first.settingsChange);
    expect(sound.coreNamed('main').setsReceived - told).toBe(1);
    expect(codes(await sound.apply('hello'))).toEqual(['input.plan INVALID']);
  });

  it('are not told a plan when somebody has set another control since', async () => {
    const plan = await planFor([gainTo(-21)]);
    await sound.set('main', [label('moved')]);
    const answer = await sound.apply(plan);
    expect(codes(answer)).toEqual(['input.plan CONFLICT']);
    expect(answer.userErrors[0].message).toContain('by now');
  });

  it('are not told a plan when the control has been moved since', async () => {
    const { client } = await anIndependentClient(sound.coreNamed('main').tcpPort);
    const plan = await planFor([gainTo(-22)]);
    const told = sound.coreNamed('main').setsReceived;
    await client.send(commands.setNamedControl('CafeGain', -44));
    await eventually('the move is read', async () => {
      const [gain] = (await sound.nodeOf('main')).component.controls;
      return gain.value === -44;
    });
    const answer = await sound.apply(plan);
    expect(codes(answer)).toEqual(['input.plan CONFLICT']);
    expect(answer.userErrors[0].message).toContain('Café Gain/gain was {"value":-20');
    expect(sound.coreNamed('main').setsReceived - told).toBe(1);
  });

  it('are told nothing by who has a stale view of a fader', async () => {
    const told = sound.coreNamed('main').setsReceived;
    const stale = await sound.set('main', [gainTo(-10, { expected: { value: -20 } })]);
    expect(stale.settingsChange).toMatchObject({ state: 'REJECTED', code: 'CONFLICT' });
    expect(stale.settingsChange.detail).toContain('Café Gain/gain is {"value":-44');
    expect(sound.coreNamed('main').setsReceived).toBe(told);
    const fresh = await sound.set('main', [gainTo(-10, { expected: { value: -44 } })]);
    expect(fresh.settingsChange).toMatchObject({ state: 'APPLIED' });
  });

  it('are set back by an undo, which is a change of its own and can be undone itself', async () => {
    const { settingsChange: change } = await sound.set('main', [
      ...[gainTo(-3), label('undone'), { name: 'CafeMute', mute: true }],
    ]);
    const undone = await sound.undo(change.id, { reason: 'too loud' });
    expect(undone.settingsChange).toMatchObject({
      ...{ state: 'APPLIED', undoes: change.id, reason: 'too loud' },
      wanted: { 'Café Gain/gain': { value: -10 }, 'Café Gain/label': { text: 'moved' }, CafeMute: { mute: false } },
    });
    const { plan } = await sound.undo(undone.settingsChange.id, { dryRun: true });
    const redone = await sound.apply(plan.id);
    expect(redone.settingsChange).toMatchObject({
      ...{ state: 'APPLIED', undoes: undone.settingsChange.id, readBack: { 'Café Gain/gain': { value: -3 } } },
    });
    expect(codes(await sound.undo(change.id))).toEqual(['input.id CONFLICT']);
    expect(codes(await sound.undo('nothing'))).toEqual(['input.id NOT_FOUND']);
  });

  it('keep what a trigger did, and say so', async () => {
    const fired = await sound.set('main', [chime]);
    expect(await sound.undo(fired.settingsChange.id)).toMatchObject({
      userErrors: [{ field: 'input.id', code: 'INVALID', message: expect.stringContaining("can't be taken back") }],
    });
    const { settingsChange: mixed } = await sound.set('main', [gainTo(-5), chime]);
    expect(await sound.undo(mixed.id)).toMatchObject({
      userErrors: [{ field: 'input.id', message: expect.stringContaining('exceptTriggers') }],
    });
    const undone = await sound.undo(mixed.id, { exceptTriggers: true });
    expect(undone.settingsChange).toMatchObject({ state: 'APPLIED', wanted: { 'Café Gain/gain': { value: -3 } } });
  });
}
