import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLogWatch } from './log-watch.ts';
import { createLogger } from './logger.ts';
import { openOutcomes } from './settings-outcomes.ts';
import { openSettingsDatabase, type SettingsDatabase, tables } from './testing/settings.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

let database: SettingsDatabase;
beforeAll(async () => {
  database = await openSettingsDatabase();
});
afterAll(() => database.close());

it('whoever waits when the server stops, or comes then, is answered at once with what is known', async () => {
  const { db } = database;
  const { change } = await database.accepted({ subject: 'a', sent: { level: 40 } });
  const outcomes = await openOutcomes({ db, logs: openLogWatch(database), tables, logger });
  const startedAt = performance.now();
  const waiting = [1, 2, 3].map(() => outcomes.wait([change.id], 60_000));
  await outcomes.close();
  const late = outcomes.wait([change.id], 60_000);
  for (const rows of await Promise.all([...waiting, late]))
    expect(rows).toMatchObject([{ id: change.id, state: 'PENDING' }]);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
});
