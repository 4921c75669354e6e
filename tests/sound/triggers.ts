import { openDatabase } from '@wheelhouse/kit/database.ts';
import { expect, it } from 'vitest';
import { eventually } from '../harness.ts';
import type { Sound } from './estate.ts';

/** What does something each time is sent once. */
export function triggersAreFiredOnce(sound: Sound): void {
  it('fire a trigger once', async () => {
    const chime = sound.coreNamed('main').design.controlOf('Café Gain', 'chime');
    const payload = await sound.set('main', [{ component: 'Café Gain', name: 'chime', trigger: true }]);
    expect(payload.settingsChange).toMatchObject({ state: 'APPLIED' });
    expect(chime.setsDone).toBe(1);
  });

  it.each([true, false])('are never told a trigger twice where the answer was lost, obeyed: %s', async (obeys) => {
    const core = sound.coreNamed('main');
    const chime = core.design.controlOf('Café Gain', 'chime');
    const [told, done] = [core.setsReceived, chime.setsDone];
    core.setFault({ kind: 'dropsAtSet', obeys });
    const payload = await sound.set('main', [{ component: 'Café Gain', name: 'chime', trigger: true }]);
    expect(payload.settingsChange).toMatchObject({ state: 'UNREACHABLE', code: 'MAY_HAVE_TAKEN_EFFECT' });
    expect(payload.settingsChange.detail).toMatch(/may have taken effect/);
    expect(core.setsReceived - told).toBe(1);
    expect(chime.setsDone - done).toBe(obeys ? 1 : 0);
  });

  it('are not told a trigger by who takes over from a worker that may have told it', async () => {
    const told = sound.coreNamed('main').setsReceived;
    await sound.wheelhouse.stopWorker();
    const { settingsChange } = await sound.set('main', [{ component: 'Café Gain', name: 'chime', trigger: true }], {
      waitMs: 0,
    });
    expect(settingsChange.state).toBe('PENDING');
    const { sql, close } = openDatabase(sound.wheelhouse.databaseUrl, { maxConnections: 1 });
    await sql`update qsys.settings_changes set state = 'SENDING', sent_at = now(), before = '{}' where id = ${settingsChange.id}`;
    await close();
    await sound.wheelhouse.startWorker();
    const ended = await eventually('the change has ended', async () => {
      const { data } = await sound.wheelhouse.query('query ($id: ID!) { settingsChange(id: $id) { state code } }', {
        id: settingsChange.id,
      });
      return data.settingsChange.state !== 'PENDING' && data.settingsChange;
    });
    expect(ended).toEqual({ state: 'UNREACHABLE', code: 'MAY_HAVE_TAKEN_EFFECT' });
    expect(sound.coreNamed('main').setsReceived).toBe(told);
  });
}
