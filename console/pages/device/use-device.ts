import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { type Fault, faultsOf } from '../../data/faults.ts';
import { useRecentChanges } from '../../data/use-live.ts';
import { DevicePageDocument, type DevicePageQuery } from '../../generated/device/graphql.ts';

/** A device as its page knows it. */
export type PageDevice = NonNullable<DevicePageQuery['device']>;

/** About as often as devices are looked at; changes of status come by themselves, and ask for the rest at once. */
const REFRESH_MS = 5_000;

/**
 * The device of a page. `device` is undefined while it loads, and null where there is none; `again` asks anew.
 *
 * @param isPast whether the page is read as of a past time: then the present is not asked for again and again
 */
export function useDevice(
  id: string,
  isPast: boolean,
): { device: PageDevice | null | undefined; faults: readonly Fault[]; again: () => void } {
  const { data, previousData, error, refetch } = useQuery(DevicePageDocument, { variables: { id } });
  const newest = useRecentChanges().find(({ device }) => device?.id === id)?.cursor;
  useEffect(() => {
    if (newest !== undefined) void refetch();
  }, [newest, refetch]);
  useEffect(() => {
    if (isPast) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && void refetch(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isPast, refetch]);
  // What was there stays where an answer fails to come; what was another device's does not.
  const last = previousData?.device;
  const device = data === undefined && last?.id === id ? last : data?.device;
  return { device, faults: faultsOf(error), again: () => void refetch() };
}
