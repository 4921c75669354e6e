import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { type Step, wholeHours } from '../../../../components/time-range-rules.ts';
import type { TimeRange } from '../../../../components/use-time-range.ts';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import { useRecentChanges } from '../../../../data/use-live.ts';
import {
  DeviceHistoryDocument,
  type DeviceHistoryQuery,
} from '../../../../generated/device/sections/history/graphql.ts';
import { fittingStep } from './history-rules.ts';

/** Samples come once in an hour; the availability of the hour that is under way moves with every minute. */
const REFRESH_MS = 60_000;

export type DeviceHistory = NonNullable<DeviceHistoryQuery['device']>;

/**
 * The past of a device in the range of the page; null while it loads for the first time. While another range is under way the last one stays.
 * It is not kept in the cache: a page that is open for weeks would keep all that it ever showed.
 */
export function useHistory(
  id: string,
  { from, to, step, isLive }: Pick<TimeRange, 'from' | 'to' | 'step' | 'isLive'>,
): { history: DeviceHistory | null; step: Step; faults: readonly Fault[]; isLoading: boolean; again: () => void } {
  const asked = { id, ...wholeHours(from, to) };
  const first = useQuery(DeviceHistoryDocument, { variables: { ...asked, step }, fetchPolicy: 'no-cache' });
  // The graph knows best how far a step reaches: what it says to fit is asked for.
  const said = fittingStep(faultsOf(first.error).map(({ message }) => message));
  const second = useQuery(DeviceHistoryDocument, {
    variables: { ...asked, step: said ?? step },
    fetchPolicy: 'no-cache',
    skip: said === null,
  });
  const { data, previousData, error, loading, refetch } = said === null ? first : second;
  const newest = useRecentChanges().find(({ device }) => device?.id === id)?.cursor;
  useEffect(() => {
    if (!isLive) return;
    if (newest !== undefined) void refetch();
    const timer = setInterval(() => document.visibilityState === 'visible' && void refetch(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [newest, isLive, refetch]);
  return {
    history: (data ?? previousData)?.device ?? null,
    step: said ?? step,
    faults: faultsOf(error),
    isLoading: loading,
    again: () => void refetch(),
  };
}
