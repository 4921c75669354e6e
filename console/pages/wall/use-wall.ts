import type { ApolloCache } from '@apollo/client';
import { useApolloClient, useQuery } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { type Fault, faultsOf } from '../../data/faults.ts';
import type { StatusChange } from '../../data/live-rules.ts';
import { useLiveConnection } from '../../data/use-live.ts';
import { DeviceStatusPartsFragmentDoc, WallDocument, type WallQuery } from '../../generated/wall/graphql.ts';
import { overlaid } from './wall-rules.ts';

export type WallDevice = NonNullable<WallQuery['devices']>['nodes'][number];

/** Changes of status come by themselves; what is stale, new or gone is asked for as often as devices are looked at. */
const REFRESH_MS = 60_000;

/** An answer that was on its way while something changed has the older status: what the live subscription brought is written once more. */
function writeNewer(cache: ApolloCache, recent: readonly StatusChange[]): void {
  const written = new Set<string>();
  cache.batch({
    update: (within) => {
      for (const { device } of recent) {
        const id = device === null ? undefined : within.identify(device);
        if (device === null || id === undefined || written.has(id)) continue;
        written.add(id);
        const fragment = { id, fragment: DeviceStatusPartsFragmentDoc, fragmentName: 'DeviceStatusParts' } as const;
        const held = within.readFragment(fragment);
        if (held !== null && Date.parse(held.statusSince) < Date.parse(device.statusSince))
          within.writeFragment({ ...fragment, data: device });
      }
    },
  });
}

/** All devices at a site and below; of the whole estate where it is null. While more are on their way, those that are here. */
export function useWall(site: string | null): {
  devices: readonly WallDevice[] | null;
  total: number;
  faults: readonly Fault[];
  again: () => void;
} {
  const { cache } = useApolloClient();
  const { recent } = useLiveConnection();
  const filter = site === null ? {} : { sites: [site] };
  const { data, error, refetch, fetchMore } = useQuery(WallDocument, { variables: { filter } });
  const page = data?.devices ?? null;
  const { hasNextPage = false, endCursor } = page?.pageInfo ?? {};

  useEffect(() => {
    if (!hasNextPage) return;
    void fetchMore({
      variables: { after: endCursor ?? null },
      updateQuery: (before, { fetchMoreResult: { devices: more } }) =>
        before.devices && more
          ? { ...before, devices: { ...more, nodes: [...before.devices.nodes, ...more.nodes] } }
          : before,
    }).then(
      () => writeNewer(cache, recent.get()),
      // What is here stays, and the next turn asks for all of it.
      () => {},
    );
  }, [hasNextPage, endCursor, fetchMore, cache, recent]);

  useEffect(() => {
    const timer = setInterval(() => {
      // What failed is in `error`, and the next turn comes.
      if (document.visibilityState === 'visible')
        refetch().then(
          () => writeNewer(cache, recent.get()),
          () => {},
        );
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [refetch, cache, recent]);

  // Read anew, an estate of several pages is short for a moment: the tiles of the others stay until theirs comes.
  const whole = useRef<{ site: string | null; devices: readonly WallDevice[] } | null>(null);
  const kept = whole.current?.site === site ? whole.current.devices : null;
  const devices = page === null ? null : hasNextPage && kept !== null ? overlaid(kept, page.nodes) : page.nodes;
  useEffect(() => {
    if (devices !== null && !hasNextPage) whole.current = { site, devices };
  }, [devices, hasNextPage, site]);

  return { devices, total: page?.totalCount ?? 0, faults: faultsOf(error), again: () => void refetch() };
}
