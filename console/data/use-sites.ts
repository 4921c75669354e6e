import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { SitesDocument, type SitesQuery } from '../generated/data/graphql.ts';
import { viewerZone } from './time.ts';

export type Site = NonNullable<SitesQuery['sites']>['nodes'][number];

/** All sites that the viewer sees, ordered by path. */
export function useSites(): readonly Site[] {
  const { data, fetchMore } = useQuery(SitesDocument, { fetchPolicy: 'cache-first' });
  const { hasNextPage = false, endCursor } = data?.sites?.pageInfo ?? {};
  useEffect(() => {
    if (!hasNextPage) return;
    void fetchMore({
      variables: { after: endCursor ?? null },
      updateQuery: (before, { fetchMoreResult: { sites } }) =>
        before.sites && sites
          ? { ...before, sites: { ...sites, nodes: [...before.sites.nodes, ...sites.nodes] } }
          : before,
    });
  }, [hasNextPage, endCursor, fetchMore]);
  return data?.sites?.nodes ?? [];
}

/** The time zone that holds at a site: its own, or the nearest above it that is known; the viewer's where none is. */
export function zoneOf(sites: readonly Site[], path: string): string {
  const nearest = sites
    .filter((site) => path === site.path || path.startsWith(`${site.path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
  return nearest?.timeZone ?? viewerZone();
}

/**
 * The zone of what belongs to no one site, such as a day's end or a service: the one that all sites below the chosen one have, or its own; else the viewer's. It
 * has to be said which it is.
 */
export function zoneBelow(sites: readonly Site[], site: string | null): string {
  const within = sites.filter(({ path }) => site === null || path === site || path.startsWith(`${site}/`));
  const zones = new Set(within.map(({ path }) => zoneOf(sites, path)));
  const [only] = zones;
  if (zones.size === 1 && only !== undefined) return only;
  return site === null ? viewerZone() : zoneOf(sites, site);
}

export function useZone(path: string): string {
  return zoneOf(useSites(), path);
}
