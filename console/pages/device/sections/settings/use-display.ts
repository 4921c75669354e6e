import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import { DisplaySettingsDocument } from '../../../../generated/device/sections/settings/graphql.ts';
import { isOpen, mergeChanges, stampOf } from '../../changes-rules.ts';
import { useAsking, useDeviceChanges } from '../../device-changes.tsx';
import type { Change } from './change-rules.ts';
import type { Display } from './draft-rules.ts';

/** Who may not see the past is not told of others' changes: within this time the page asks for what they made of the settings. */
const REFRESH_MS = 5_000;
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

  const { changes: told, isTold } = useDeviceChanges();
  useAsking(refetch, { everyMs: REFRESH_MS, isOn: !isTold });
  // What was set, and by which version, is the display's state by now.
  const stamp = stampOf(told);
  useEffect(() => {
    if (stamp !== '') void refetch();
  }, [stamp, refetch]);

  const learn = useCallback(
    (change: Change): void => {
      setLearnt((before) => mergeChanges(before, [change]).slice(0, 50));
      // What was read back is the display's state by now.
      if (!isOpen(change)) void refetch();
    },
    [refetch],
  );
  const changes = useMemo(() => mergeChanges(mergeChanges(listed, told), learnt), [listed, told, learnt]);
  return {
    display: device?.__typename === 'FidaDisplay' ? device : undefined,
    changes,
    faults: faultsOf(error),
    again: () => void refetch(),
    learn,
  };
}
