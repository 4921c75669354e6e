import { useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useState } from 'react';
import type { TimeRange } from '../../../../components/use-time-range.ts';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import { useRecentChanges } from '../../../../data/use-live.ts';
import { DeviceTimelineDocument } from '../../../../generated/device/sections/timeline/graphql.ts';
import { isOpen, stampOf } from '../../changes-rules.ts';
import { useAsking, useDeviceChanges } from '../../device-changes.tsx';
import type { Change, Entry } from './timeline-rules.ts';

export const PAGE = 50;
/** As many as one question may have (subgraphs/history/schema.graphql). */
export const MOST = 1_000;
/** Changes of status and of settings are told; what else there is, as another name or site, is asked for. */
const REFRESH_MS = 30_000;
/** Where changes of settings are not told any more. */
const UNTOLD_REFRESH_MS = 5_000;

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
  const ask = listed.refetch;
  const newest = useRecentChanges().find(({ device }) => device?.id === id)?.cursor;
  const { changes: settings, isTold } = useDeviceChanges();
  const stamp = stampOf(settings);
  useEffect(() => {
    if (isLive && (newest !== undefined || stamp !== '')) void ask();
  }, [newest, stamp, isLive, ask]);
  useAsking(ask, { everyMs: isTold ? REFRESH_MS : UNTOLD_REFRESH_MS, isOn: isLive });
  const changes = (listed.data ?? listed.previousData)?.device?.changes ?? null;
  return {
    entries: changes?.edges ?? null,
    open: asOf === null ? settings.filter(isOpen) : [],
    hasMore: changes?.pageInfo.hasNextPage === true,
    shown: first,
    isLoading: listed.loading,
    more: () => setFirst((before) => Math.min(before + PAGE, MOST)),
    faults: faultsOf(listed.error),
    again: () => void ask(),
  };
}
