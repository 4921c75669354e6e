import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useState } from 'react';
import type { TimeRange } from '../../../../components/use-time-range.ts';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import { useRecentChanges } from '../../../../data/use-live.ts';
import { DeviceTimelineDocument, OpenChangesDocument } from '../../../../generated/device/sections/timeline/graphql.ts';
import type { Change, Entry } from './timeline-rules.ts';

export const PAGE = 50;
/** As many as one question may have (subgraphs/history/schema.graphql). */
export const MOST = 1_000;
/** About as often as devices are looked at: a change of settings comes to its end within seconds. */
const REFRESH_MS = 5_000;

export type Timeline = {
  /** Newest first; null while they load for the first time. */
  entries: readonly Entry[] | null;
  /** Changes of settings that have not come to their end; they are in `entries` when they have. */
  open: readonly Change[];
  hasMore: boolean;
  shown: number;
  isLoading: boolean;
  more: () => void;
  faults: readonly Fault[];
  again: () => void;
};

/**
 * What happened to a device in the range of the page. One question has all that is shown, so that what comes in at the top pushes nothing out
 * between two pages.
 */
export function useTimeline(id: string, { from, to, isLive, asOf }: TimeRange): Timeline {
  const [first, setFirst] = useState(PAGE);
  const variables = useMemo(
    () => ({ id, from: from.toISOString(), to: to.toISOString(), first }),
    [id, from, to, first],
  );
  const listed = useQuery(DeviceTimelineDocument, { variables, fetchPolicy: 'no-cache' });
  const open = useQuery(OpenChangesDocument, { variables: { id }, fetchPolicy: 'no-cache', skip: asOf !== null });
  const [again, openAgain] = [listed.refetch, open.refetch];
  const newest = useRecentChanges().find(({ device }) => device?.id === id)?.cursor;
  useEffect(() => {
    if (!isLive) return;
    const ask = (): void => {
      if (document.visibilityState !== 'visible') return;
      void again();
      void openAgain();
    };
    if (newest !== undefined) ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => clearInterval(timer);
  }, [newest, isLive, again, openAgain]);
  const changes = (listed.data ?? listed.previousData)?.device?.changes ?? null;
  const settings = (open.data ?? open.previousData)?.device?.settingsChanges?.nodes ?? [];
  return {
    entries: changes?.edges ?? null,
    open: asOf === null ? settings.filter(({ state }) => state === 'PENDING') : [],
    hasMore: changes?.pageInfo.hasNextPage === true,
    shown: first,
    isLoading: listed.loading,
    more: () => setFirst((before) => Math.min(before + PAGE, MOST)),
    faults: [...faultsOf(listed.error), ...faultsOf(open.error)],
    again: () => {
      void again();
      if (asOf === null) void openAgain();
    },
  };
}
