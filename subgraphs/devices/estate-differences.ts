import { isDeepStrictEqual } from 'node:util';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import type { Outlook, Step } from './estate.ts';
import type { EstateItems } from './estate-items.ts';
import { wholeConnection } from './registry-entries.ts';
import { systemOf } from './system.ts';

export type FieldDifference = { field: string; before: unknown; after: unknown; isSecret: boolean };
/** What an import does to one item. Of a secret it says that it becomes another, and no more. */
export type Difference = {
  kind: 'DEVICE_ADDED' | 'DEVICE_CHANGED' | 'SITE_CHANGED';
  externalId: string | null;
  deviceId: string | null;
  name: string | null;
  site: string;
  fields: FieldDifference[];
  /** Its place in the content. */
  path: (string | number)[];
};

type Fields = Record<string, unknown>;
const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (Array.isArray(value) && value.length === 0);
const isSame = (one: unknown, other: unknown): boolean =>
  (isEmpty(one) && isEmpty(other)) || isDeepStrictEqual(one, other);

/** The fields of either that are others in the other one, under `prefix`. */
function changedFields(before: Fields, after: Fields, prefix: string, secrets: readonly string[]): FieldDifference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => !isSame(before[name], after[name]))
    .map((name) => {
      const isSecret = secrets.includes(name);
      const told = (value: unknown): unknown => (isSecret ? null : (value ?? null));
      return { field: `${prefix}${name}`, before: told(before[name]), after: told(after[name]), isSecret };
    });
}

/** @param nameOf what people know a device by, of its id */
function differenceOf(step: Step, nameOf: (id: string) => string, sealer: Sealer): Difference[] {
  const { before, after, entry, externalId, path } = step;
  if (after === null) return [];
  const { connectionField, secrets } = systemOf(after.system);
  const parentsOf = ({ parentIds }: { parentIds: readonly string[] }): string[] => parentIds.map(nameOf).sort();
  const publicOf = (of: typeof after): Fields => ({
    ...{ name: of.name, site: of.site, tags: of.tags, parents: parentsOf(of) },
  });
  // Where they were sealed with a key that we do not have, every secret that is given becomes another.
  const whole = before === null ? {} : (wholeConnection(before, sealer) ?? before.connection);
  const added = before === null ? { system: after.system } : {};
  return [
    {
      kind: before === null ? 'DEVICE_ADDED' : 'DEVICE_CHANGED',
      ...{ externalId, deviceId: before?.id ?? null, name: after.name, site: after.site, path },
      fields: [
        ...changedFields({}, added, '', []),
        ...changedFields(before === null ? {} : publicOf(before), publicOf(after), '', []),
        ...changedFields(whole, entry.connection, `${connectionField}.`, secrets),
      ],
    },
  ];
}

/** The differences that match, in their order, each with its place among all. @param filter.search in upper or lower case */
export function matching<One extends Difference>(
  differences: readonly One[],
  { kinds, search }: { kinds: readonly Difference['kind'][] | null; search: string | null },
): { difference: One; at: number }[] {
  const wanted = search?.toLowerCase() ?? '';
  return differences
    .map((difference, at) => ({ difference, at }))
    .filter(({ difference: { kind, name, externalId, site } }) => {
      if (kinds !== null && !kinds.includes(kind)) return false;
      return [name, externalId, site].some((text) => text?.toLowerCase().includes(wanted) === true);
    });
}

/** The key of a site's time zone in the basis of an import. */
export const zoneKey = (path: string): string => `the time zone of ${path}`;

/**
 * What an import would make another, in the order of the file: sites, then devices.
 *
 * @param externalIds of the parents that devices have or would have; null for one without
 */
export function differencesOf(
  { sites }: EstateItems,
  { steps, basis }: Pick<Outlook, 'steps' | 'basis'>,
  { externalIds, sealer }: { externalIds: ReadonlyMap<string, string | null>; sealer: Sealer },
): Difference[] {
  const ofFile = new Map(steps.map(({ before, after, externalId }) => [(after ?? before)?.id, externalId]));
  const nameOf = (id: string): string => ofFile.get(id) ?? externalIds.get(id) ?? id;
  const zoned = sites.flatMap(({ path, timeZone }, index): Difference[] => {
    const before = basis[zoneKey(path)] ?? null;
    if (before === timeZone) return [];
    const fields = [{ field: 'timeZone', before, after: timeZone, isSecret: false }];
    const at = { name: null, site: path, path: ['sites', index] };
    return [{ kind: 'SITE_CHANGED', externalId: null, deviceId: null, ...at, fields }];
  });
  return [...zoned, ...steps.flatMap((step) => differenceOf(step, nameOf, sealer))];
}

/** What an import rests on and is no longer as it was, for people; empty when nothing moved. */
export const movedSince = (planned: Outlook['basis'], present: Outlook['basis']): string[] =>
  [...new Set([...Object.keys(planned), ...Object.keys(present)])].filter(
    (what) => (planned[what] ?? null) !== (present[what] ?? null),
  );
