import { callerError } from '@wheelhouse/kit/errors.ts';
import { isStorable, unstorableText } from '@wheelhouse/kit/unstorable-text.ts';
import { and, arrayOverlaps, eq, ilike, inArray, isNull, like, or, type SQL } from 'drizzle-orm';
import type { AnyPgColumn } from 'drizzle-orm/pg-core';
import type { DeviceFilter, DeviceSystem } from './generated/types.ts';
import type { Status } from './rules.ts';
import { devices } from './tables.ts';

export type Filter = DeviceFilter | null | undefined;

const MAX_ITEMS = 1_000;
const MAX_SEARCH_CHARACTERS = 100;

/** What a filter looks at; `status` is the device's, or the one that a status change led to. */
export type Filterable = {
  id: string;
  externalId: string | null;
  name: string;
  system: DeviceSystem;
  site: string;
  address: string | null;
  tags: string[];
  removedAt: Date | null;
  status: Status;
};

/** @throws BAD_USER_INPUT naming the field and its limit */
export function checkFilter(filter: Filter): void {
  for (const [field, value] of Object.entries(filter ?? {})) {
    if (Array.isArray(value) && value.length > MAX_ITEMS) {
      throw callerError(
        'BAD_USER_INPUT',
        `filter.${field} may have at most ${MAX_ITEMS} items, and has ${value.length}`,
        `filter.${field}`,
      );
    }
    if (typeof value === 'string' && value.length > MAX_SEARCH_CHARACTERS) {
      const message = `filter.${field} may have at most ${MAX_SEARCH_CHARACTERS} characters, and has ${value.length}`;
      throw callerError('BAD_USER_INPUT', message, `filter.${field}`);
    }
    if (typeof value === 'string' && !isStorable(value)) throw unstorableText(`filter.${field}`);
  }
}

const escapeLike = (text: string): string => text.replace(/[\\%_]/g, (character) => `\\${character}`);

/** The filter as a condition on rows of `devices`, with the status taken from `status`. */
export function filterToSql(filter: Filter, status: AnyPgColumn, options: { hidesRemoved: boolean }): SQL | undefined {
  const { ids, systems, sites, tags, statuses, search, includeRemoved } = filter ?? {};
  const text = search ? `%${escapeLike(search)}%` : null;
  return and(
    ids ? inArray(devices.id, [...ids]) : undefined,
    systems ? inArray(devices.system, [...systems]) : undefined,
    sites
      ? or(
          ...sites.flatMap((site) => [eq(devices.site, site), like(devices.site, `${escapeLike(site)}/%`)]),
          inArray(devices.id, []),
        )
      : undefined,
    tags ? (tags.length > 0 ? arrayOverlaps(devices.tags, [...tags]) : inArray(devices.id, [])) : undefined,
    statuses ? inArray(status, [...statuses]) : undefined,
    text === null
      ? undefined
      : or(ilike(devices.name, text), ilike(devices.address, text), ilike(devices.externalId, text)),
    options.hidesRemoved && !includeRemoved ? isNull(devices.removedAt) : undefined,
  );
}

/** The same filter for a row in hand: what the live stream uses, so that it asks the database once for all subscribers. */
export function matchesFilter(filter: Filter, row: Filterable): boolean {
  const { ids, systems, sites, tags, statuses, search } = filter ?? {};
  const text = search?.toLowerCase();
  return (
    (!ids || ids.includes(row.id)) &&
    (!systems || systems.includes(row.system)) &&
    (!sites || sites.some((site) => row.site === site || row.site.startsWith(`${site}/`))) &&
    (!tags || tags.some((tag) => row.tags.includes(tag))) &&
    (!statuses || statuses.includes(row.status)) &&
    (!text || [row.name, row.address, row.externalId].some((value) => value?.toLowerCase().includes(text)))
  );
}
