import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import { useLiveConnection } from '../../data/use-live.ts';
import { LastHourDocument } from '../../generated/wall/graphql.ts';
import { addChanges, emptyHour, type Hour, type HourChange } from './hour-rules.ts';
import { isWithin } from './wall-rules.ts';

const HOUR_MS = 3_600_000;

/** What changed in the last hour at a site and below: before the page was open, and since. Null until the former is known. */
export function useHour(site: string | null): { hour: Hour | null; isPartly: boolean } {
  const graph = useApolloClient();
  const { recent } = useLiveConnection();
  const [state, setState] = useState<{ hour: Hour | null; isPartly: boolean }>({ hour: null, isPartly: false });

  useEffect(() => {
    const openedMs = Date.now();
    let hour: Hour | null = null;
    let newest: string | undefined;
    let isLeft = false;
    const take = (): void => {
      const changes = recent.get();
      const seen = newest === undefined ? -1 : changes.findIndex(({ cursor }) => cursor === newest);
      newest = changes[0]?.cursor ?? newest;
      const came: HourChange[] = (seen < 0 ? changes : changes.slice(0, seen)).filter(
        ({ device }) => device !== null && isWithin(device.site, site),
      );
      if (hour === null) return;
      hour = addChanges(hour, came, Date.now());
      setState((before) => ({ ...before, hour }));
    };
    const begin = (before: readonly HourChange[], sinceMs: number, isPartly: boolean): void => {
      if (isLeft) return;
      hour = addChanges(emptyHour(sinceMs), before, Date.now());
      // What came in the meantime is taken up as a whole; what is in both counts once.
      newest = undefined;
      setState({ hour, isPartly });
      take();
    };
    const filter = site === null ? {} : { sites: [site] };
    const variables = { filter, since: new Date(openedMs - HOUR_MS).toISOString() };
    // Read once: it is not kept in the cache, where each opening of the page would leave its own.
    graph.query({ query: LastHourDocument, variables, fetchPolicy: 'no-cache' }).then(
      ({ data }) => {
        const page = data?.statusChanges ?? null;
        if (page === null) return begin([], openedMs, true);
        const oldest = page.nodes.at(-1)?.at;
        const hasMore = page.pageInfo.hasNextPage && oldest !== undefined;
        begin(page.nodes, hasMore ? Date.parse(oldest) : openedMs - HOUR_MS, false);
      },
      () => begin([], openedMs, true),
    );
    const unsubscribe = recent.subscribe(take);
    return () => {
      isLeft = true;
      unsubscribe();
    };
  }, [graph, recent, site]);
  return state;
}
