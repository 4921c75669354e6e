import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { type Fault, faultsOf } from '../../data/faults.ts';
import { DevicesDocument, type DevicesQuery } from '../../generated/devices/graphql.ts';
import type { DeviceFilters } from './filters.ts';

export type DeviceRow = NonNullable<DevicesQuery['devices']>['nodes'][number];

/** Changes of status come by themselves; when each was last looked at is asked for as often as it is looked at. */
const REFRESH_MS = 60_000;

/**
 * The devices of a site and system that a search finds, page after page until all are here. Those of one status are picked from them on
 * the page, since what is live comes into and goes out of one at any moment.
 */
export function useDevices({ search, system, site }: Pick<DeviceFilters, 'search' | 'system' | 'site'>): {
  rows: readonly DeviceRow[] | null;
  total: number;
  faults: readonly Fault[];
  again: () => void;
} {
  const filter = {
    ...(search.trim() !== '' && { search: search.trim() }),
    ...(system !== null && { systems: [system] }),
    ...(site !== null && { sites: [site] }),
  };
  const { data, previousData, error, refetch, fetchMore } = useQuery(DevicesDocument, { variables: { filter } });
  // While another search is under way the last one's rows stay, so that nothing jumps.
  const devices = (data ?? previousData)?.devices ?? null;
  const { hasNextPage = false, endCursor } = data?.devices?.pageInfo ?? {};

  useEffect(() => {
    if (!hasNextPage) return;
    void fetchMore({
      variables: { after: endCursor ?? null },
      updateQuery: (before, { fetchMoreResult: { devices: more } }) =>
        before.devices && more
          ? { ...before, devices: { ...more, nodes: [...before.devices.nodes, ...more.nodes] } }
          : before,
    });
  }, [hasNextPage, endCursor, fetchMore]);

  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && void refetch(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [refetch]);

  return {
    rows: devices?.nodes ?? null,
    total: devices?.totalCount ?? 0,
    faults: faultsOf(error),
    again: () => void refetch(),
  };
}
