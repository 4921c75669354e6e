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

export function useZone(path: string): string {
  return zoneOf(useSites(), path);
}

/** The zone that all sites have in common; the viewer's where there is none: what is of no site is said in it. */
export function zoneOfAll(sites: readonly Pick<Site, 'timeZone'>[]): string {
  const [zone, ...others] = new Set(sites.map(({ timeZone }) => timeZone));
  return zone !== undefined && others.length === 0 ? zone : viewerZone();
}
