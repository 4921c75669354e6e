import { useQuery } from '@apollo/client/react';
import { useCallback, useMemo, useState } from 'react';
import { type Fault, faultsOf } from '../../../../data/faults.ts';
import { AudioChangesDocument } from '../../../../generated/device/sections/audio/graphql.ts';
import { mergeChanges } from '../../changes-rules.ts';
import { useAsking, useDeviceChanges } from '../../device-changes.tsx';
import type { Change } from './outcome-rules.ts';

/** Where changes of others are not told any more, the page asks within this time. */
const REFRESH_MS = 5_000;
const KEPT = 100;
const NO_CHANGES: readonly Change[] = [];

export type Changes = {
  /** Newest first: of everybody where the viewer may see the past; else those that were made on this page. */
  changes: readonly Change[];
  /** Whether changes are told as they happen, whoever makes them. */
  isTold: boolean;
  faults: readonly Fault[];
  /** Takes in what came of a change: the answer to a mutation, or an event. */
  learn: (change: Change) => void;
};

/** The latest changes of a Core's controls as they happen. */
export function useChanges(id: string, withHistory: boolean): Changes {
  const { data, previousData, error, refetch } = useQuery(AudioChangesDocument, {
    variables: { id },
    skip: !withHistory,
  });
  const [learnt, setLearnt] = useState<readonly Change[]>(NO_CHANGES);
  const { changes: told, isTold } = useDeviceChanges();
  useAsking(refetch, { everyMs: REFRESH_MS, isOn: withHistory && !isTold });
  const learn = useCallback(
    (change: Change): void => setLearnt((before) => mergeChanges(before, [change]).slice(0, KEPT)),
    [],
  );
  const listed = (data ?? previousData)?.device?.settingsChanges?.nodes ?? NO_CHANGES;
  const changes = useMemo(() => mergeChanges(mergeChanges(listed, told), learnt), [listed, told, learnt]);
  return { changes, isTold, faults: faultsOf(error), learn };
}
