import type { Status } from '@wheelhouse/contracts/status-log.ts';
import { type Queryable, storableTexts } from '@wheelhouse/kit/database.ts';
import { type SQL, sql } from 'drizzle-orm';
import type { Span } from '../time-range.ts';
import { registryLog, statusChanges } from './published.ts';
import { changeColumns, type SettingsChangeRow } from './settings.ts';
import type { SettingsSource } from './settings-sources.ts';

export type TimelineKind = 'REGISTRY' | 'SETTINGS' | 'STATUS';

/** A place in a device's timeline: by time, then kind, then the order within the kind. */
export type TimelinePlace = { atMs: number; kind: TimelineKind; position: number };

export type StatusEvent = TimelinePlace & {
  kind: 'STATUS';
  deviceId: string;
  from: Status;
  to: Status;
  reason: string | null;
};
export type SettingsEvent = TimelinePlace & { kind: 'SETTINGS'; deviceId: string; change: SettingsChangeRow };
export type RegistryEvent = TimelinePlace & {
  kind: 'REGISTRY';
  deviceId: string;
  actor: string;
  name: string;
  site: string;
  removed: boolean;
  /** The entry before it; null for the first. */
  before: { name: string; site: string; removed: boolean } | null;
};
export type TimelineEvent = StatusEvent | SettingsEvent | RegistryEvent;

export type TimelineQuestion = {
  deviceIds: readonly string[];
  span: Span;
  /** The place behind which it goes on, in the order that is asked for. */
  after: TimelinePlace | null;
  /** Of each device, and of each kind. */
  limit: number;
  isNewestFirst: boolean;
};

const instant = (ms: number): SQL => sql`${new Date(ms).toISOString()}::timestamptz`;
const millis = (column: string): SQL => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);
const asked = (deviceIds: readonly string[]): SQL =>
  sql`unnest(${sql.param(storableTexts(deviceIds))}::text[]) as asked (device_id)`;

/** What a row with columns `at` and `place` must be to lie in the range, behind the cursor. */
function isWanted(kind: TimelineKind, at: SQL, place: SQL, { span, after, isNewestFirst }: TimelineQuestion): SQL {
  const isInRange = sql`${at} >= ${instant(span.fromMs)} and ${at} < ${instant(span.toMs)}`;
  if (after === null) return isInRange;
  const behind = sql.raw(isNewestFirst ? '<' : '>');
  const isFarther = sql`${at} ${behind} ${instant(after.atMs)}`;
  if (kind !== after.kind && kind > after.kind === isNewestFirst) return sql`${isInRange} and ${isFarther}`;
  const isBehind = kind === after.kind ? sql`${place} ${behind} ${after.position}::bigint` : sql`true`;
  return sql`${isInRange} and (${isFarther} or (${at} = ${instant(after.atMs)} and ${isBehind}))`;
}

const direction = ({ isNewestFirst }: TimelineQuestion): SQL => sql.raw(isNewestFirst ? 'desc' : 'asc');

async function readStatusEvents(db: Queryable, question: TimelineQuestion): Promise<StatusEvent[]> {
  const rows = await db.execute<Omit<StatusEvent, 'kind'>>(sql`
    select asked.device_id as "deviceId", event.* from ${asked(question.deviceIds)} cross join lateral (
      select ${millis('at')} as "atMs", position::float8 as position, "from", "to", reason from ${statusChanges} as change
      where change.device_id = asked.device_id and ${isWanted('STATUS', sql`at`, sql`position`, question)}
      order by change.at ${direction(question)}, change.position ${direction(question)} limit ${question.limit}) as event`);
  return rows.map((row) => ({ ...row, kind: 'STATUS' }));
}

async function readRegistryEvents(db: Queryable, question: TimelineQuestion): Promise<RegistryEvent[]> {
  type Row = Omit<RegistryEvent, 'kind'>;
  const rows = await db.execute<Row>(sql`
    select asked.device_id as "deviceId", event.* from ${asked(question.deviceIds)} cross join lateral (
      select ${millis('at')} as "atMs", position::float8 as position, actor, name, site, removed, before from (
        select *, lag(version) over in_order as version_before, case when lag(version) over in_order is not null then
          json_build_object('name', lag(name) over in_order, 'site', lag(site) over in_order, 'removed', lag(removed) over in_order) end as before
        from ${registryLog} as entry where entry.device_id = asked.device_id
        window in_order as (order by position)
      ) as entry
      -- A row of the same version tells others of what they read anew, and that nothing of the entry changed.
      where version is distinct from version_before and ${isWanted('REGISTRY', sql`at`, sql`position`, question)}
      order by entry.at ${direction(question)}, entry.position ${direction(question)} limit ${question.limit}) as event`);
  return rows.map((row) => ({ ...row, kind: 'REGISTRY' }));
}

async function readSettingsEnds(
  db: Queryable,
  sources: readonly SettingsSource[],
  question: TimelineQuestion,
): Promise<SettingsEvent[]> {
  if (sources.length === 0) return [];
  // The version orders the changes of one device: a device is of one system.
  const turn = direction(question);
  const order = sql`order by "finishedAtMs" ${turn}, "settingsVersion" ${turn} limit ${question.limit}`;
  const parts = sources.map(
    ({ changes }) => sql`(select ${changeColumns} from ${changes} as change
      where change.subject = asked.device_id and ${isWanted('SETTINGS', sql`finished_at`, sql`settings_version`, question)} ${order})`,
  );
  const rows = await db.execute<SettingsChangeRow & { finishedAtMs: number }>(sql`
    select event.* from ${asked(question.deviceIds)}
    cross join lateral (select * from (${sql.join(parts, sql` union all `)}) as found ${order}) as event`);
  return rows.map((change) => ({
    ...{ kind: 'SETTINGS', deviceId: change.subject, atMs: change.finishedAtMs, position: change.settingsVersion },
    change,
  }));
}

const inOrder = (one: TimelinePlace, other: TimelinePlace): number =>
  one.atMs - other.atMs || (one.kind < other.kind ? -1 : one.kind > other.kind ? 1 : one.position - other.position);

/** What happened to devices, in the order that is asked for; at most `limit` of each device. Three statements, however many devices. */
export async function readTimelines(
  db: Queryable,
  sources: readonly SettingsSource[],
  question: TimelineQuestion,
): Promise<Map<string, TimelineEvent[]>> {
  const kinds = await Promise.all([
    readRegistryEvents(db, question),
    readSettingsEnds(db, sources, question),
    readStatusEvents(db, question),
  ]);
  const timelines = Map.groupBy<string, TimelineEvent>(kinds.flat(), ({ deviceId }) => deviceId);
  const sign = question.isNewestFirst ? -1 : 1;
  const first = (events: TimelineEvent[]): TimelineEvent[] =>
    events.sort((one, other) => sign * inOrder(one, other)).slice(0, question.limit);
  return new Map([...timelines].map(([id, events]) => [id, first(events)]));
}
