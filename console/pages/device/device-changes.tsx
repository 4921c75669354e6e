import { useQuery } from '@apollo/client/react';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { type Fault, faultsOf } from '../../data/faults.ts';
import { useFollowed } from '../../data/use-followed.ts';
import { DeviceChangesDocument, DeviceSettingsChangedDocument } from '../../generated/device/graphql.ts';
import { type DeviceChange, mergeChanges } from './changes-rules.ts';

/** More than the graph begins with, so that what a page has shown does not go while it is looked at. */
const KEPT = 100;
/** Where changes of others are not told any more, the page asks within this time. */
const REFRESH_MS = 5_000;
const NO_CHANGES: readonly DeviceChange[] = [];

type DeviceChanges = {
  /** The latest, newest first: of everybody where the viewer may see the past; else those that were made on this page. */
  changes: readonly DeviceChange[];
  /** Whether changes of everybody are told as they happen, or will be as soon as the connection is back. */
  isTold: boolean;
  faults: readonly Fault[];
  /** Takes in what came of a change: the answer to a mutation, or an event. */
  learn: (change: DeviceChange) => void;
};

const Context = createContext<DeviceChanges | null>(null);

/**
 * Follows the changes of a device's settings once for all sections of its page.
 *
 * @param withHistory whether changes of others may be seen, and are of the present
 */
export function DeviceChangesProvider(props: { id: string; withHistory: boolean; children: ReactNode }) {
  const { id, withHistory, children } = props;
  const { data, previousData, error, refetch } = useQuery(DeviceChangesDocument, {
    variables: { id },
    skip: !withHistory,
  });
  const [came, setCame] = useState(NO_CHANGES);
  const learnAll = useCallback(
    (changes: readonly DeviceChange[]): void => setCame((before) => mergeChanges(before, changes).slice(0, KEPT)),
    [],
  );
  const learn = useCallback((change: DeviceChange): void => learnAll([change]), [learnAll]);
  const follow = useFollowed({
    document: DeviceSettingsChangedDocument,
    variables: withHistory ? { id } : null,
    onEvent: ({ deviceSettingsChanged: event }) => event !== null && learnAll(event.changes),
  });
  const isTold = withHistory && follow?.phase !== 'ended';
  useAsking(refetch, { everyMs: REFRESH_MS, isOn: withHistory && !isTold });
  const listed = (data ?? previousData)?.device?.settingsChanges?.nodes ?? NO_CHANGES;
  const value = useMemo(
    () => ({ changes: mergeChanges(listed, came), isTold, faults: faultsOf(error), learn }),
    [listed, came, isTold, error, learn],
  );
  return <Context value={value}>{children}</Context>;
}

/** The changes of the device that the page is about. @throws Error outside of a device's page */
export function useDeviceChanges(): DeviceChanges {
  const changes = useContext(Context);
  if (changes === null) throw new Error('no changes are followed here: render inside of DeviceChangesProvider');
  return changes;
}

/** Asks every so often while the page is in sight, and when it comes back into sight. */
export function useAsking(ask: () => Promise<unknown>, { everyMs, isOn }: { everyMs: number; isOn: boolean }): void {
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    if (!isOn) return;
    // What fails is said by who asks; the next time comes anyway.
    const askInSight = (): void =>
      void (document.visibilityState === 'visible' && latest.current().catch(() => undefined));
    const timer = setInterval(askInSight, everyMs);
    document.addEventListener('visibilitychange', askInSight);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', askInSight);
    };
  }, [everyMs, isOn]);
}
