import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DatabaseHandle, migrate, openDatabase } from '@wheelhouse/kit/database.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from './database.ts';

const FOLDER = fileURLToPath(new URL('../drizzle', import.meta.url));

type Journal = { entries: { tag: string }[] };

/** Applies the migrations up to the one whose name begins so, as an older version of us did. */
async function migrateTo(handle: DatabaseHandle, last: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-migrations-'));
  try {
    await cp(FOLDER, folder, { recursive: true });
    const file = join(folder, 'meta/_journal.json');
    const journal: Journal = JSON.parse(await readFile(file, 'utf8'));
    const index = journal.entries.findIndex(({ tag }) => tag.startsWith(last));
    await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, index + 1) }));
    await applyMigrations(handle.db, { migrationsFolder: folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('a database of the version before settings and history', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;

  beforeAll(async () => {
    database = await createTestDatabase();
    handle = openDatabase(database.url);
    await migrateTo(handle, '0002');
    const { sql } = handle;
    const at = '2026-11-20T08:00:00Z';
    await sql`insert into devices.devices (id, name, system, site, tags, connection, version, created_at, removed_at) values
      ('there', 'Foyer', 'FIDA', 'museum/foyer', '{}', '{"host": "h"}', 3, ${at}, null),
      ('gone', 'Old sign', 'FIDA', 'depot', '{}', '{"host": "h"}', 2, ${at}, ${at})`;
    await sql`insert into devices.registry_log (position, device_id, version, at) values
      (1, 'there', 1, ${at}), (2, 'gone', 1, ${at}), (3, 'there', 3, ${at}), (4, 'gone', 2, ${at})`;
    await sql`insert into devices.status_changes (position, device_id, at, "from", "to", reason) values
      (1, 'there', ${at}, 'UNKNOWN', 'ONLINE', null),
      (2, 'there', ${at}, 'ONLINE', 'UNKNOWN', 'nobody looked at it for too long: the monitoring was down or overloaded'),
      (3, 'there', ${at}, 'ONLINE', 'UNKNOWN', 'could not look: no route'),
      (4, 'there', ${at}, 'ONLINE', 'OFFLINE', 'no answer, 3 looks in a row')`;
    await sql`insert into fida.targets (device_id, version, removed, connection) values ('there', 3, false, '{"host": "h"}')`;
    await sql`insert into fida.feed_cursors (feed, cursor) values ('registry', 'somewhere')`;
    await sql`insert into fida.displays (device_id, slot, looked_at, brightness_percent) values ('there', ${at}, ${at}, 40)`;
    await migrate(database.url, createLogger({ name: 'test', level: 'silent' }));
  });
  afterAll(async () => {
    await handle.close();
    await database.drop();
  });

  it('keeps its registry log, and says what the entries are of which it does not know what they were', async () => {
    const rows =
      await handle.sql`select device_id, version, name, system, site, removed, actor from devices.registry_log order by position`;
    const there = { device_id: 'there', name: 'Foyer', system: 'FIDA', site: 'museum/foyer', actor: 'anonymous' };
    const gone = { device_id: 'gone', name: 'Old sign', system: 'FIDA', site: 'depot', actor: 'anonymous' };
    expect(rows).toEqual([
      { ...there, version: 1, removed: false },
      { ...gone, version: 1, removed: false },
      { ...there, version: 3, removed: false },
      { ...gone, version: 2, removed: true },
    ]);
  });

  it('keeps its status log, and tells in it when the monitoring was blind', async () => {
    const rows = await handle.sql`select "to", blind from devices.status_changes order by position`;
    expect(rows.map(({ to, blind }) => [to, blind])).toEqual([
      ['ONLINE', false],
      ['UNKNOWN', true],
      ['UNKNOWN', false],
      ['OFFLINE', false],
    ]);
  });

  it('reads the targets anew, which are to have sites, and keeps what displays said', async () => {
    expect(await handle.sql`select 1 from fida.targets`).toHaveLength(0);
    expect(await handle.sql`select 1 from fida.feed_cursors`).toHaveLength(0);
    expect(await handle.sql`select brightness_percent from fida.displays`).toEqual([{ brightness_percent: 40 }]);
  });
});
