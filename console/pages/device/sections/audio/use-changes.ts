import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import { AudioChangesDocument } from '../../../../generated/device/sections/audio/graphql.ts';
import { mergeChanges } from '../settings/change-rules.ts';
import type { Change } from './outcome-rules.ts';

/** No subscription tells that somebody else began a change: within this time the page asks. */
const REFRESH_MS = 3_000;
const KEPT = 100;
const NO_CHANGES: readonly Change[] = [];

export type Changes = {
  /** Newest first: of everybody where the viewer may see the past; else those that were made on this page. */
  changes: readonly Change[];
  faults: readonly Fault[];
  /** Takes in what came of a change: the answer to a mutation, or an event. */
  learn: (change: Change) => void;
};

/** The latest changes of a Core's controls, kept up to date while the page is in sight. */
export function useChanges(id: string, withHistory: boolean): Changes {
  const { data, previousData, error, refetch } = useQuery(AudioChangesDocument, {
    variables: { id },
    skip: !withHistory,
  });
  const [learnt, setLearnt] = useState<readonly Change[]>(NO_CHANGES);
  useEffect(() => {
    if (!withHistory) return;
    const ask = (): void => void (document.visibilityState === 'visible' && refetch().catch(() => undefined));
    const timer = setInterval(ask, REFRESH_MS);
    document.addEventListener('visibilitychange', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [withHistory, refetch]);
  const learn = useCallback(
    (change: Change): void => setLearnt((before) => mergeChanges(before, [change]).slice(0, KEPT)),
    [],
  );
  const listed = (data ?? previousData)?.device?.settingsChanges?.nodes ?? NO_CHANGES;
  const changes = useMemo(() => mergeChanges(listed, learnt), [listed, learnt]);
  return { changes, faults: faultsOf(error), learn };
}
