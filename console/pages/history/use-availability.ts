import { useApolloClient, useQuery } from '@apollo/client/react';
import { useEffect, useMemo, useState } from 'react';
import { wholeHours } from '../../components/time-range-rules.ts';
import { type Fault, faultsOf } from '../../data/faults.ts';
import {
  type AvailabilityStep,
  AvailabilityStepsDocument,
  AvailabilityTotalsDocument,
  DeviceNamesDocument,
} from '../../generated/history/graphql.ts';
import { inParts, type StepTime, stepsByGroup, type Total } from './availability-rules.ts';
import type { View } from './view-rules.ts';

/** Minutes change little of a month. */
const REFRESH_MS = 60_000;

type Asked = { view: View; site: string | null; from: Date; to: Date; isLive: boolean };

/** What `availability` is asked for, save its steps. The same object until it is something else. */
function useAsked({ view: { by, system, counting }, site, from, to }: Asked) {
  const { degraded, unknown, blind } = counting;
  const range = wholeHours(from, to);
  return useMemo(
    () => ({
      ...{ from: range.from, to: range.to, groupBy: by, counting: { degraded, unknown, blind } },
      filter: { ...(site !== null && { sites: [site] }), ...(system !== null && { systems: [system] }) },
    }),
    [range.from, range.to, by, degraded, unknown, blind, site, system],
  );
}

export type AskedAvailability = ReturnType<typeof useAsked>;

/** How available each group was in the whole range; null while it loads for the first time. It is not cached: a range moves on with time. */
export function useTotals(options: Asked): {
  asked: AskedAvailability;
  totals: readonly Total[] | null;
  isLoading: boolean;
  faults: readonly Fault[];
  again: () => void;
} {
  const { isLive } = options;
  const asked = useAsked(options);
  const { data, previousData, error, loading, refetch } = useQuery(AvailabilityTotalsDocument, {
    variables: asked,
    fetchPolicy: 'no-cache',
  });
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(() => document.visibilityState === 'visible' && void refetch(), REFRESH_MS);
    return () => clearInterval(timer);
  }, [isLive, refetch]);
  return {
    asked,
    totals: (data ?? previousData)?.availability ?? null,
    isLoading: loading,
    faults: faultsOf(error),
    again: () => void refetch(),
  };
}

export type Strips = {
  byGroup: ReadonlyMap<string, readonly StepTime[]>;
  /** How many groups have theirs. */
  done: number;
  faults: readonly Fault[];
  isTooMany: boolean;
};

const NONE: Strips = { byGroup: new Map(), done: 0, faults: [], isTooMany: false };

/** The steps of each group: of devices in parts, since one request has 10,000 groups times steps at most. */
export function useStrips(
  asked: AskedAvailability,
  groups: readonly string[],
  step: AvailabilityStep,
  timeZone: string,
): Strips {
  const client = useApolloClient();
  const [strips, setStrips] = useState<Strips>(NONE);
  // Totals come anew each minute; the strips do when the groups are others.
  const key = groups.join('\n');
  useEffect(() => {
    let isOver = false;
    const all = key === '' ? [] : key.split('\n');
    const parts = inParts(all, { ...asked, step });
    const isWhole = asked.groupBy !== 'DEVICE';
    setStrips({ ...NONE, isTooMany: parts === null || (isWhole && parts.length > 1) });
    if (parts === null || (isWhole && parts.length > 1)) return;
    const load = async (): Promise<void> => {
      const found: StepTime[] = [];
      let done = 0;
      for (const ids of parts) {
        const filter = { ...asked.filter, ...(!isWhole && { ids }) };
        const variables = { ...asked, filter, step, timeZone };
        const { data, error } = await client.query({
          query: AvailabilityStepsDocument,
          variables,
          fetchPolicy: 'no-cache',
        });
        if (isOver) return;
        found.push(...(data?.availability ?? []));
        done += ids.length;
        setStrips({ byGroup: stepsByGroup(found), done, faults: faultsOf(error), isTooMany: false });
        if (error !== undefined) return;
      }
    };
    load().catch((err: unknown) => !isOver && setStrips((before) => ({ ...before, faults: faultsOf(err) })));
    return () => {
      isOver = true;
    };
  }, [client, asked, key, step, timeZone]);
  return strips;
}

/** What devices are called, removed ones too; those of a part that failed keep their ids. */
export function useDeviceNames(ids: readonly string[]): ReadonlyMap<string, { name: string; isRemoved: boolean }> {
  const client = useApolloClient();
  const [names, setNames] = useState<ReadonlyMap<string, { name: string; isRemoved: boolean }>>(new Map());
  const key = ids.join('\n');
  useEffect(() => {
    let isOver = false;
    const all = key === '' ? [] : key.split('\n');
    const load = async (): Promise<void> => {
      const found = new Map<string, { name: string; isRemoved: boolean }>();
      for (let at = 0; at < all.length; at += 1_000) {
        const variables = { ids: all.slice(at, at + 1_000) };
        const { data } = await client.query({ query: DeviceNamesDocument, variables, fetchPolicy: 'no-cache' });
        if (isOver) return;
        for (const { id, name, removedAt } of data?.devices?.nodes ?? [])
          found.set(id, { name, isRemoved: removedAt !== null });
        setNames(new Map(found));
      }
    };
    load().catch(() => {
      // The page says what failed by the totals; ids stand where names would.
    });
    return () => {
      isOver = true;
    };
  }, [client, key]);
  return names;
}
