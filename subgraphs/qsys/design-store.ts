import { type Database, isAmong, type Queryable } from '@wheelhouse/kit/database.ts';
import { isStorable } from '@wheelhouse/kit/unstorable-text.ts';
import { and, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { MixerSize } from './cross-points.ts';
import type { ComponentDescription, ControlChange } from './design.ts';
import { components, controls, designs, targets } from './tables.ts';

export type DesignRow = typeof designs.$inferSelect;
export type ComponentRow = typeof components.$inferSelect;
export type ControlRow = typeof controls.$inferSelect;

const controlColumns = Object.entries(getTableColumns(controls));
const list = (parts: string[]) => sql.raw(parts.join(', '));
const FRESH = list(controlColumns.map(([field, column]) => `"${field}" ${column.getSQLType()}`));
const FIELDS = list(controlColumns.map(([field]) => `"${field}"`));
const COLUMNS = list(controlColumns.map(([, { name }]) => name));

/**
 * Keeps a design as it was read as a whole, in place of the one that is there; one that was read earlier than it changes nothing, nor does one
 * of a Core that was removed meanwhile. Rows travel as one parameter for each table: a mixer alone has hundreds of controls.
 */
export async function saveDesign(
  db: Database,
  deviceId: string,
  design: { designCode: string; readAt: Date; components: readonly ComponentDescription[] },
): Promise<void> {
  const { designCode, readAt } = design;
  const componentRows = design.components.map(({ name, type }) => ({ name, type }));
  const controlRows = design.components.flatMap(({ name, controls: own }) =>
    own.map((control, place): ControlRow => ({ ...control, deviceId, component: name, place, measuredAt: readAt })),
  );
  await db.transaction(async (tx) => {
    // Locked, so that who removes it waits, and then removes this as well.
    const [target] = await tx
      .select({ removed: targets.removed })
      .from(targets)
      .where(eq(targets.deviceId, deviceId))
      .for('share');
    if (target?.removed) return;
    // The row is the lock of the design: two workers may have read it at once.
    const isNewest = await tx
      .insert(designs)
      .values({ deviceId, designCode, readAt })
      .onConflictDoUpdate({
        target: designs.deviceId,
        set: { designCode, readAt },
        setWhere: sql`${designs.readAt} <= excluded.read_at`,
      })
      .returning({ deviceId: designs.deviceId });
    if (isNewest.length === 0) return;
    await tx.delete(components).where(eq(components.deviceId, deviceId));
    await tx.delete(controls).where(eq(controls.deviceId, deviceId));
    await tx.execute(sql`
      insert into ${components} (device_id, name, type)
      select ${deviceId}, name, type from json_to_recordset(${JSON.stringify(componentRows)}::json) as fresh (name text, type text)`);
    await tx.execute(sql`
      insert into ${controls} (${COLUMNS})
      select ${FIELDS} from json_to_recordset(${JSON.stringify(controlRows)}::json) as fresh (${FRESH})`);
  });
}

/** Of these Cores, forgets what the removed ones had. */
export async function dropRemovedDesigns(tx: Queryable, ids: readonly string[]): Promise<void> {
  const removed = tx
    .select({ id: targets.deviceId })
    .from(targets)
    .where(and(isAmong(targets.deviceId, ids), targets.removed));
  for (const table of [designs, components, controls]) await tx.delete(table).where(inArray(table.deviceId, removed));
}

/** A value of a control, and when it was told. */
export type MeasuredValue = ControlChange & { deviceId: string; measuredAt: Date };

const placeOf = ({ deviceId, component, name }: MeasuredValue): string => JSON.stringify([deviceId, component, name]);

/**
 * Keeps values of controls, in one statement; older ones than those that are there change nothing.
 *
 * @param options.quietMs a value that is there already, and told less than so long before, is not written again
 */
export async function saveValues(
  db: Queryable,
  values: readonly MeasuredValue[],
  { quietMs = 0 }: { quietMs?: number } = {},
): Promise<void> {
  if (values.length === 0) return;
  // A control may have been told twice: the last one counts, and one statement must not touch a row twice.
  const rows = [...new Map(values.map((value) => [placeOf(value), value])).values()];
  // Locked in the order of names, so that two who write the same ones can't lock each other out.
  await db.execute(sql`
    with fresh as (
      select held.ctid, fresh.value, fresh.string, fresh.position, fresh."measuredAt"
      from json_to_recordset(${JSON.stringify(rows)}::json) as fresh (
        "deviceId" text, component text, name text, value double precision, string text, position double precision,
        "measuredAt" timestamptz
      )
      join ${controls} as held
        on held.device_id = fresh."deviceId" and held.component = fresh.component and held.name = fresh.name
      where held.measured_at <= fresh."measuredAt" and (
        held.measured_at <= fresh."measuredAt" - ${quietMs} * interval '1 millisecond'
        or (held.value, held.string, held.position) is distinct from (fresh.value, fresh.string, fresh.position)
      )
      order by held.device_id, held.component, held.name for update of held
    )
    update ${controls} as held set value = fresh.value, string = fresh.string, position = fresh.position,
      measured_at = fresh."measuredAt"
    from fresh where held.ctid = fresh.ctid`);
}

/** The designs of these Cores, as far as they were read. */
export const findDesigns = (db: Queryable, ids: readonly string[]): Promise<DesignRow[]> =>
  db.select().from(designs).where(isAmong(designs.deviceId, ids));

/** Where in which list a page of components begins, and how long it is. */
export type ComponentsPage = { deviceId: string; after: string | null; limit: number };

/** Each page's components by name, in one statement for all pages. `page` is the index of the one that a row belongs to. */
export function findComponentPages(
  db: Queryable,
  pages: readonly ComponentsPage[],
): Promise<(ComponentRow & { page: number })[]> {
  return db.execute<ComponentRow & { page: number }>(sql`
    select wanted.page, found."deviceId", found.name, found.type
    from json_to_recordset(${JSON.stringify(pages.map((page, index) => ({ ...page, page: index })))}::json)
      as wanted (page int, "deviceId" text, after text, "limit" int),
    lateral (
      select device_id as "deviceId", name, type from ${components}
      where device_id = wanted."deviceId" and (wanted.after is null or name > wanted.after)
      order by name limit wanted."limit"
    ) as found
    order by wanted.page, found.name`);
}

/** A component of a Core, or a control of one. */
export type Place = { deviceId: string; component: string; name?: string };

/** Whether such a place can be there: PostgreSQL would refuse the whole statement for the name of one that can't. */
const isPlace = ({ component, name = '' }: Pick<Place, 'component' | 'name'>): boolean =>
  isStorable(component) && isStorable(name);

/** The components of these names that there are, in no order. */
export function findComponents(db: Queryable, places: readonly Place[]): Promise<ComponentRow[]> {
  return db.execute<ComponentRow>(sql`
    select held.device_id as "deviceId", held.name, held.type from ${components} as held
    join json_to_recordset(${JSON.stringify(places.filter(isPlace))}::json) as wanted ("deviceId" text, component text)
      on held.device_id = wanted."deviceId" and held.name = wanted.component`);
}

const RENAMED = list(controlColumns.map(([field, { name }]) => `held.${name} as "${field}"`));

/** Drivers give times as they like where a statement is written by hand. */
const withDate = <Row extends { measuredAt: Date | string }>(row: Row): Row & { measuredAt: Date } => ({
  ...row,
  measuredAt: new Date(row.measuredAt),
});

/** The controls of these names that there are, in no order. */
export async function findControls(db: Queryable, places: readonly Required<Place>[]): Promise<ControlRow[]> {
  const rows = await db.execute<ControlRow>(sql`
    select ${RENAMED} from ${controls} as held
    join json_to_recordset(${JSON.stringify(places.filter(isPlace))}::json) as wanted ("deviceId" text, component text, name text)
      on held.device_id = wanted."deviceId" and held.component = wanted.component and held.name = wanted.name`);
  return rows.map(withDate);
}

/** All controls of these components of a Core. */
export async function findControlsOf(
  db: Queryable,
  deviceId: string,
  components: readonly string[],
): Promise<ControlRow[]> {
  if (components.length === 0) return [];
  return db
    .select()
    .from(controls)
    .where(and(eq(controls.deviceId, deviceId), isAmong(controls.component, components)))
    .orderBy(controls.component, controls.place);
}

/**
 * How far the cross-points of these mixers reach that have this control, by the names of their controls; nothing of what is no mixer or has
 * none.
 */
export const findMixerSizes = (
  db: Queryable,
  deviceId: string,
  wanted: readonly { component: string; control: string }[],
): Promise<MixerSize[]> =>
  db.execute<MixerSize>(sql`
    select wanted.component, wanted.control, max((parts)[1]::int) as inputs, max((parts)[2]::int) as outputs
    from json_to_recordset(${JSON.stringify(wanted)}::json) as wanted (component text, control text)
    join ${controls} as held on held.device_id = ${deviceId} and held.component = wanted.component,
    lateral regexp_match(held.name, '^input\\.(\\d{1,4})\\.output\\.(\\d{1,4})\\.' || wanted.control || '$') as parts
    where parts is not null
    group by wanted.component, wanted.control`);

/** Where in which component a page of controls begins, and how long it is. */
export type ControlsPage = { deviceId: string; component: string; after: string | null; limit: number };

/** Each page's controls in the Core's order, in one statement for all pages; none behind a name that there is not. */
export async function findControlPages(
  db: Queryable,
  pages: readonly ControlsPage[],
): Promise<(ControlRow & { page: number })[]> {
  const wanted = pages
    .map((page, index) => ({ ...page, page: index }))
    .filter(({ component, after }) => isPlace({ component, name: after ?? '' }));
  const rows = await db.execute<ControlRow & { page: number }>(sql`
    select wanted.page, found.*
    from json_to_recordset(${JSON.stringify(wanted)}::json)
      as wanted (page int, "deviceId" text, component text, after text, "limit" int),
    lateral (
      select ${RENAMED} from ${controls} as held
      where held.device_id = wanted."deviceId" and held.component = wanted.component
        and (wanted.after is null or held.place > (
          select place from ${controls} as before
          where before.device_id = wanted."deviceId" and before.component = wanted.component and before.name = wanted.after
        ))
      order by held.place limit wanted."limit"
    ) as found
    order by wanted.page, found.place`);
  return rows.map(withDate);
}
