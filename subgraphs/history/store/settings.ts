import { isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import type { LogRow } from '@wheelhouse/kit/live-log.ts';
import type { SettingsChangeState, SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { type SQL, sql } from 'drizzle-orm';
import { getTableConfig } from 'drizzle-orm/pg-core';
import type { SettingsSource } from './settings-sources.ts';

/** A change of settings, of whichever service. Times are milliseconds since the epoch. */
export type SettingsChangeRow = {
  id: string;
  subject: string;
  settingsVersion: number;
  state: SettingsChangeState;
  wanted: SettingsValues;
  before: SettingsValues | null;
  readBack: SettingsValues | null;
  code: string | null;
  detail: string | null;
  actor: string;
  reason: string | null;
  undoes: string | null;
  requestedAtMs: number;
  finishedAtMs: number | null;
};

/** Milliseconds since the epoch: a statement over several tables has no column types to make dates by. */
const millis = (time: SQL): SQL => sql`(extract(epoch from ${time}) * 1000)::float8`;

/** The columns of a SettingsChangeRow, of a table that goes by the name `change`. */
export const changeColumns = sql`change.id, change.subject, change.settings_version as "settingsVersion", change.state, change.wanted,
  change.before, change.read_back as "readBack", change.code, change.detail, change.actor, change.reason, change.undoes,
  ${millis(sql`change.requested_at`)} as "requestedAtMs", ${millis(sql`change.finished_at`)} as "finishedAtMs"`;

/** One query for each source, as one statement; null when there is no source. */
function overAll(sources: readonly SettingsSource[], part: (source: SettingsSource) => SQL): SQL | null {
  if (sources.length === 0) return null;
  return sql.join(
    sources.map((source) => sql`(${part(source)})`),
    sql` union all `,
  );
}

/** The changes with these ids, in no order. */
export async function findSettingsChanges(
  db: Queryable,
  sources: readonly SettingsSource[],
  ids: readonly string[],
): Promise<SettingsChangeRow[]> {
  const all = overAll(
    sources,
    ({ changes }) =>
      sql`select ${changeColumns} from (select * from ${changes} where ${isAmong(changes.id, ids)}) as change`,
  );
  return all === null ? [] : [...(await db.execute<SettingsChangeRow>(all))];
}

/** A place in a subject's changes: the version that a change made, which rises with each. */
export type SettingsPlace = { settingsVersion: number; id: string };

/** The changes of each subject's settings behind a place, newest first; at most `limit` of each subject. */
export async function listSettingsChanges(
  db: Queryable,
  sources: readonly SettingsSource[],
  options: { subjects: readonly string[]; after: SettingsPlace | null; limit: number },
): Promise<SettingsChangeRow[]> {
  const { subjects, after, limit } = options;
  const behind =
    after === null
      ? sql``
      : sql`and (change.settings_version, change.id) < (${after.settingsVersion}::int, ${after.id})`;
  const newest = sql`order by "settingsVersion" desc, id desc limit ${limit}`;
  const all = overAll(
    sources,
    ({ changes }) =>
      sql`select ${changeColumns} from ${changes} as change where change.subject = asked.subject ${behind} ${newest}`,
  );
  if (all === null) return [];
  const rows = await db.execute<SettingsChangeRow>(sql`
    select newest.* from unnest(${sql.param([...subjects])}::text[]) as asked (subject)
    cross join lateral (select * from (${all}) as found ${newest}) as newest
    order by newest.subject, newest."settingsVersion" desc, newest.id desc`);
  return [...rows];
}

/** A change as it is, with the position in its source's log that this is the state of; null when there is none of that id. */
export async function findPlacedChange(
  db: Queryable,
  sources: readonly SettingsSource[],
  id: string,
): Promise<{ source: string; position: number; change: SettingsChangeRow } | null> {
  // One statement sees one state of the database, and a row changes in the transaction that appends to the log: so nothing lies between.
  const all = overAll(sources, ({ name, changes, events }) => {
    const log = getTableConfig(events).name;
    const counters = sql`${sql.identifier(name)}.log_counters`;
    const position = sql`coalesce((select position from ${counters} where log = ${log}), 0)::float8`;
    return sql`select ${name}::text as source, ${position} as "logPosition", ${changeColumns} from ${changes} as change where change.id = ${id}`;
  });
  if (all === null) return null;
  const [found] = await db.execute<SettingsChangeRow & { source: string; logPosition: number }>(all);
  if (found === undefined) return null;
  const { source, logPosition, ...change } = found;
  return { source, position: logPosition, change };
}

/** The latest changes of a subject, newest first, with the position in each source's log that they are the state of. */
export async function findPlacedChangesOf(
  db: Queryable,
  sources: readonly SettingsSource[],
  { subject, limit }: { subject: string; limit: number },
): Promise<{ positions: ReadonlyMap<string, number>; changes: SettingsChangeRow[] }> {
  // One statement sees one state of the database, as above.
  const all = overAll(sources, ({ name, changes, events }) => {
    const log = getTableConfig(events).name;
    const counters = sql`${sql.identifier(name)}.log_counters`;
    return sql`select ${name}::text as source,
      coalesce((select position from ${counters} where log = ${log}), 0)::float8 as position,
      (select coalesce(json_agg(found), '[]') from (
        select ${changeColumns} from ${changes} as change where change.subject = ${subject}
        order by change.settings_version desc, change.id desc limit ${limit}) as found) as changes`;
  });
  if (all === null) return { positions: new Map(), changes: [] };
  const rows = await db.execute<{ source: string; position: number; changes: SettingsChangeRow[] }>(all);
  return {
    positions: new Map(rows.map(({ source, position }) => [source, position])),
    changes: newestFirst(rows.flatMap(({ changes }) => changes)).slice(0, limit),
  };
}

/** Changes of one subject in the order in which lists have them. */
export const newestFirst = (changes: readonly SettingsChangeRow[]): SettingsChangeRow[] =>
  changes.toSorted((a, b) => b.settingsVersion - a.settingsVersion || (a.id < b.id ? 1 : -1));

/** A state that a change came to, with the change as it was when the log was read: at that state, or beyond it. */
export type SettingsEventRow = LogRow & { state: SettingsChangeState; change: SettingsChangeRow };

/** Where a source's log stands. Nothing is written in another service's schema: a log without a row has no counter yet. */
export async function readEventsHead(
  db: Queryable,
  { name, events }: SettingsSource,
): Promise<{ position: number; floor: number }> {
  const [row] = await db.execute<{ position: number; floor: number }>(sql`
    select position::float8 as position, floor::float8 as floor from ${sql.identifier(name)}.log_counters
    where log = ${getTableConfig(events).name}`);
  return row ?? { position: 0, floor: 0 };
}

/** The events of one source's log behind `position`, oldest first. */
export async function readSettingsEvents(
  db: Queryable,
  { changes, events }: SettingsSource,
  position: number,
  limit: number,
): Promise<SettingsEventRow[]> {
  const rows = await db.execute<SettingsChangeRow & { logPosition: number; eventState: SettingsChangeState }>(sql`
    select event.position::float8 as "logPosition", event.state as "eventState", ${changeColumns}
    from ${events} as event join ${changes} as change on change.id = event.change_id
    where event.position > ${position} order by event.position limit ${limit}`);
  return rows.map(({ logPosition, eventState, ...change }) => ({ position: logPosition, state: eventState, change }));
}
