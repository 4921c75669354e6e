import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startHistory, type TestHistory } from '../testing/history.ts';
import { moveChange, writeChange } from '../testing/settings.ts';

/** A second system, whose tables are there when the service starts. */
const SECOND = 'sound';
const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 22, 8, minute));

let history: TestHistory;
beforeAll(async () => {
  history = await startHistory(async ({ db }) => {
    await db.execute(sql`create schema ${sql.identifier(SECOND)}`);
    for (const table of ['settings_changes', 'settings_change_events', 'log_counters']) {
      const name = sql.identifier(table);
      await db.execute(sql`create table ${sql.identifier(SECOND)}.${name} (like fida.${name} including all)`);
    }
    // Half of the tables make no source.
    await db.execute(sql`create table public.settings_changes (id text)`);
  });
  for (let version = 1; version <= 5; version += 1) {
    await writeChange(history.db, {
      ...{ id: `d1-${version}`, subject: 'd1', settingsVersion: version, requestedAt: at(version) },
      ...{ actor: 'ann', reason: `reason ${version}` },
    });
  }
  await moveChange(history.db, 'd1-5', {
    ...{ state: 'MISMATCH', before: { brightnessPercent: 70 }, readBack: { brightnessPercent: 45 } },
    ...{ code: 'MISMATCH', detail: 'it says 45', finishedAt: at(6) },
  });
  await moveChange(history.db, 'd1-4', { state: 'SENDING' });
  await writeChange(history.db, { id: 's1-1', subject: 's1', wanted: { gain: -6 }, undoes: 's1-0' }, SECOND);
});
afterAll(() => history.close());

const FIELDS = 'id state wanted before readBack code detail at finishedAt requestedBy reason settingsVersion undoes';

describe('a change of settings', () => {
  it('is found by its id with all that is known of it', async () => {
    const { data, errors } = await history.query(`{ settingsChange(id: "d1-5") { ${FIELDS} device { id } } }`);
    expect(errors).toBeUndefined();
    expect(data.settingsChange).toEqual({
      ...{ id: 'd1-5', state: 'MISMATCH', wanted: { brightnessPercent: 40 }, before: { brightnessPercent: 70 } },
      ...{ readBack: { brightnessPercent: 45 }, code: 'MISMATCH', detail: 'it says 45' },
      ...{ at: at(5).toISOString(), finishedAt: at(6).toISOString(), requestedBy: 'ann', reason: 'reason 5' },
      ...{ settingsVersion: 5, undoes: null, device: { id: 'd1' } },
    });
  });

  it('is found in every schema that keeps such changes, without being named', async () => {
    const { data } = await history.query(`{ settingsChange(id: "s1-1") { ${FIELDS} device { id } } }`);
    expect(data.settingsChange).toMatchObject({ wanted: { gain: -6 }, undoes: 's1-0', device: { id: 's1' } });
  });

  it('is null where there is none of that id', async () => {
    expect(await history.query('{ settingsChange(id: "nothing") { id } }')).toEqual({ data: { settingsChange: null } });
  });

  it('that was sent is PENDING to everybody outside', async () => {
    const { data } = await history.query('{ settingsChange(id: "d1-4") { state } }');
    expect(data.settingsChange).toEqual({ state: 'PENDING' });
  });

  it('that another service speaks of has its device, and an unknown one is null', async () => {
    const representations = ['s1-1', 'd1-1', 'nothing'].map((id) => ({ __typename: 'SettingsChange', id }));
    const text = `query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on SettingsChange { state device { id } } }
    }`;
    const costs: number[] = [];
    // The least of several: the tails of the logs read on their own every second.
    for (let run = 0; run < 5; run += 1) {
      const before = await history.statements();
      const { data } = await history.query(text, { representations });
      costs.push((await history.statements()) - before);
      expect(data._entities).toEqual([
        { state: 'PENDING', device: { id: 's1' } },
        { state: 'PENDING', device: { id: 'd1' } },
        null,
      ]);
    }
    expect(Math.min(...costs)).toBeLessThanOrEqual(3);
  });
});

describe("a device's changes of settings", () => {
  const PAGE = `settingsChanges(first: $first, after: $after) {
    nodes { id } edges { cursor node { state } } pageInfo { hasNextPage endCursor }
  }`;
  const page = async (id: string, first: number | null, after: string | null = null) => {
    const { data, errors } = await history.devices([id], PAGE, { first: ['Int', first], after: ['String', after] });
    return { errors, page: data._entities[0].settingsChanges };
  };

  it('come newest first', async () => {
    const { page: all } = await page('d1', null);
    expect(all.nodes.map(({ id }: { id: string }) => id)).toEqual(['d1-5', 'd1-4', 'd1-3', 'd1-2', 'd1-1']);
    expect(all.edges.map(({ node }: { node: { state: string } }) => node.state)).toEqual([
      'MISMATCH',
      ...Array(4).fill('PENDING'),
    ]);
    expect(all.pageInfo.hasNextPage).toBe(false);
  });

  it('come in pages that leave nothing out', async () => {
    const ids: string[] = [];
    let after: string | null = null;
    for (let count = 0; count < 3; count += 1) {
      const { page: some } = await page('d1', 2, after);
      ids.push(...some.nodes.map(({ id }: { id: string }) => id));
      after = some.pageInfo.endCursor;
      expect(some.pageInfo.hasNextPage).toBe(count < 2);
    }
    expect(ids).toEqual(['d1-5', 'd1-4', 'd1-3', 'd1-2', 'd1-1']);
  });

  it('are none for a device that has none', async () => {
    expect((await page('nobody', 5)).page).toEqual({
      ...{ nodes: [], edges: [] },
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });

  it.each([
    [0, null, 'BAD_USER_INPUT', 'first'],
    [1001, null, 'BAD_USER_INPUT', 'first'],
    [5, 'nonsense', 'CURSOR_INVALID', 'after'],
    [5, Buffer.from('["x","y"]').toString('base64url'), 'CURSOR_INVALID', 'after'],
    [5, Buffer.from('["99999999999","y"]').toString('base64url'), 'CURSOR_INVALID', 'after'],
  ])('are refused for first %s and after %s with %s', async (first, after, code, field) => {
    const { page: none, errors } = await page('d1', first, after);
    expect(none).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code, field } }]);
  });

  it('are refused for more of many devices than 100,000 together', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `d${index}`);
    const { data, errors } = await history.devices(ids, 'settingsChanges(first: 501) { nodes { id } }');
    expect(data._entities[0].settingsChanges).toBeNull();
    expect(errors?.[0]).toMatchObject({
      message: '200 devices with 501 each are more than 100000 at once: ask for fewer devices, or with a smaller first',
      extensions: { code: 'BAD_USER_INPUT', field: 'first' },
    });
  });

  it('cost one statement for a hundred devices', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => (index === 7 ? 'd1' : `other-${index}`));
    const costs: number[] = [];
    // The least of several: the tails of the logs read on their own every second.
    for (let run = 0; run < 5; run += 1) {
      const before = await history.statements();
      const { data } = await history.devices(ids, 'settingsChanges(first: 3) { nodes { id } }');
      costs.push((await history.statements()) - before);
      expect(data._entities[7].settingsChanges.nodes).toHaveLength(3);
    }
    expect(Math.min(...costs)).toBe(1);
  });
});
