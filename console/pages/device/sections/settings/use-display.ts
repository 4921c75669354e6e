import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import { DisplaySettingsDocument } from '../../../../generated/device/sections/settings/graphql.ts';
import { type Change, isOpen, mergeChanges } from './change-rules.ts';
import type { Display } from './draft-rules.ts';

/** No subscription tells that somebody else began a change: within this time the page asks. */
const REFRESH_MS = 3_000;
const NO_CHANGES: readonly Change[] = [];

export type DisplayState = {
  /** Undefined while it loads. */
  display: Display | undefined;
  /** The latest, newest first, of everybody where the viewer may see the past; else those that were made on this page. */
  changes: readonly Change[];
  faults: readonly Fault[];
  again: () => void;
  /** Takes in what came of a change: the answer to a mutation, or an event. */
  learn: (change: Change) => void;
};

/** The settings of a display and what becomes of its changes, kept up to date while the page is in sight. */
export function useDisplay(id: string, withHistory: boolean): DisplayState {
  const { data, previousData, error, refetch } = useQuery(DisplaySettingsDocument, { variables: { id, withHistory } });
  const [learnt, setLearnt] = useState<readonly Change[]>(NO_CHANGES);
  // What was there stays where an answer fails to come: a draft stands on it.
  const answered = (data ?? previousData)?.device;
  const device = answered?.id === id ? answered : undefined;
  const listed = device?.settingsChanges?.nodes ?? NO_CHANGES;

  useEffect(() => {
    const ask = (): void => void (document.visibilityState === 'visible' && refetch());
    const timer = setInterval(ask, REFRESH_MS);
    document.addEventListener('visibilitychange', ask);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', ask);
    };
  }, [refetch]);

  const learn = useCallback(
    (change: Change): void => {
      setLearnt((before) => mergeChanges(before, [change]).slice(0, 50));
      // What was read back is the display's state by now.
      if (!isOpen(change)) void refetch();
    },
    [refetch],
  );
  const changes = useMemo(() => mergeChanges(listed, learnt), [listed, learnt]);
  return {
    display: device?.__typename === 'FidaDisplay' ? device : undefined,
    changes,
    faults: faultsOf(error),
    again: () => void refetch(),
    learn,
  };
}
