import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { EstateDocument, type EstateQuery } from '../generated/data/graphql.ts';
import { useRecentChanges } from './use-live.ts';

/** However many changes come, the counts are asked for no more often than this. */
const AT_MOST_EVERY_MS = 1_500;

/** How many devices there are in each status; asked for anew after changes. Undefined until it is known. */
export function useEstateCounts(): NonNullable<EstateQuery['estateSummary']> | undefined {
  const { data, refetch } = useQuery(EstateDocument, { pollInterval: 60_000 });
  const newest = useRecentChanges()[0]?.cursor;
  useEffect(() => {
    if (newest === undefined) return;
    const soon = Math.max(0, lastAskedAt + AT_MOST_EVERY_MS - Date.now());
    const timer = setTimeout(() => {
      lastAskedAt = Date.now();
      void refetch();
    }, soon);
    return () => clearTimeout(timer);
  }, [newest, refetch]);
  return data?.estateSummary ?? undefined;
}

let lastAskedAt = 0;
