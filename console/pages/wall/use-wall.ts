import type { ApolloClient } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type Fault, faultsOf } from '../../data/faults.ts';
import { useLive, useLiveConnection } from '../../data/use-live.ts';
import { WallDocument, type WallQuery } from '../../generated/wall/graphql.ts';
import { keepAlike, overlaid, withChanges } from './wall-rules.ts';

export type WallDevice = NonNullable<WallQuery['devices']>['nodes'][number];

type Read = { devices: readonly WallDevice[] | null; total: number; faults: readonly Fault[] };

/** Changes of status come by themselves; what is stale, new or gone is asked for as often as devices are looked at. */
const REFRESH_MS = 60_000;
const NOTHING: Read = { devices: null, total: 0, faults: [] };

/** All devices, page after page; `onPart` is given those that are here. */
async function readAll(graph: ApolloClient, site: string | null, onPart: (part: Read) => void): Promise<Read> {
  const filter = site === null ? {} : { sites: [site] };
  const devices: WallDevice[] = [];
  let after: string | null = null;
  for (;;) {
    const { data, error }: { data?: WallQuery | undefined; error?: unknown } = await graph
      .query({ query: WallDocument, variables: { filter, after }, fetchPolicy: 'no-cache' })
      .catch((err: unknown) => ({ error: err }));
    const page: WallQuery['devices'] = data?.devices ?? null;
    if (page === null) return { ...NOTHING, faults: faultsOf(error ?? new Error('no devices came')) };
    devices.push(...page.nodes);
    const read = { devices: [...devices], total: page.totalCount, faults: faultsOf(error) };
    if (!page.pageInfo.hasNextPage) return read;
    onPart(read);
    after = page.pageInfo.endCursor ?? null;
  }
}

/**
 * All devices at a site and below; of the whole estate where it is null. While more are on their way, those that are here. They are kept here and
 * not in the graph's cache, which goes through all of them at each change.
 */
export function useWall(site: string | null): Read & { again: () => void } {
  const graph = useApolloClient();
  const { recent } = useLiveConnection();
  const { phase } = useLive();
  const [state, setState] = useState<Read & { site: string | null }>({ ...NOTHING, site });
  const turn = useRef(0);

  const read = useCallback(async (): Promise<void> => {
    turn.current += 1;
    const ours = turn.current;
    const take = (isWhole: boolean) => (came: Read) => {
      if (ours !== turn.current) return;
      setState((before) => {
        const held = before.site === site ? before.devices : null;
        // What could not be read anew stays, and what is wrong is said.
        if (came.devices === null) return { ...before, ...(held === null && NOTHING), site, faults: came.faults };
        // An answer that was on its way while something changed has the older status.
        const newest = withChanges(
          came.devices,
          recent.get().map(({ device }) => device),
        );
        const devices = keepAlike(held ?? [], isWhole || held === null ? newest : overlaid(held, newest));
        return { devices, total: came.total, faults: came.faults, site };
      });
    };
    take(true)(await readAll(graph, site, take(false)));
  }, [graph, recent, site]);

  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && void read(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [read]);

  useEffect(() => void read(), [read]);

  // And after each break: a log that no longer reaches back to it would leave a gap.
  const wasLive = useRef(true);
  useEffect(() => {
    if (phase === 'live' && !wasLive.current) void read();
    wasLive.current = phase !== 'reconnecting';
  }, [phase, read]);

  useEffect(() => {
    let newest = recent.get()[0]?.cursor;
    return recent.subscribe(() => {
      const changes = recent.get();
      const seen = changes.findIndex(({ cursor }) => cursor === newest);
      const came = (seen < 0 ? changes : changes.slice(0, seen)).map(({ device }) => device);
      newest = changes[0]?.cursor;
      setState((before) =>
        before.devices === null ? before : { ...before, devices: withChanges(before.devices, came) },
      );
    });
  }, [recent]);

  return { ...(state.site === site ? state : NOTHING), again: () => void read() };
}
