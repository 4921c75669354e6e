import { isStatus, type Status, severity } from '../../components/status-rules.ts';
import { parseSort, printSort, type Sort } from '../../components/table-rules.ts';
import type { DeviceSystem } from '../../generated/devices/graphql.ts';

/** What narrows and orders the list; all of it is kept in the address, so that it can be shared and gone back to. */
export type DeviceFilters = {
  search: string;
  /** Empty: all of them. */
  statuses: readonly Status[];
  system: DeviceSystem | null;
  site: string | null;
  sort: Sort;
};

export const SYSTEMS: readonly DeviceSystem[] = ['FIDA', 'ENTERTAINMENT', 'APPSPACE', 'QSYS'];
export const COLUMNS = ['name', 'status', 'since', 'site', 'system', 'address', 'seen'] as const;
const DEFAULT_SORT: Sort = { by: 'status', isDescending: false };

/** What an address says; what it says wrongly counts as not said. */
export function readFilters(address: URLSearchParams): DeviceFilters {
  const statuses = (address.get('status') ?? '').toUpperCase().split(',').filter(isStatus);
  return {
    // The graph takes no longer one (subgraphs/devices/schema.graphql).
    search: (address.get('q') ?? '').slice(0, 100),
    statuses: [...new Set(statuses)].sort((a, b) => severity(a) - severity(b)),
    system: SYSTEMS.find((system) => system.toLowerCase() === address.get('system')) ?? null,
    site: address.get('site') || null,
    sort: parseSort(address.get('sort'), COLUMNS, DEFAULT_SORT),
  };
}

/** The address for these filters; what is as by default is left out, and parameters that are not ours stay. */
export function writeFilters(filters: DeviceFilters, address: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(address);
  const put = (name: string, value: string | null): void => {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  };
  put('q', filters.search);
  put('status', filters.statuses.join(',').toLowerCase());
  put('system', filters.system?.toLowerCase() ?? null);
  put('site', filters.site);
  const sort = printSort(filters.sort);
  put('sort', sort === printSort(DEFAULT_SORT) ? null : sort);
  return next;
}
