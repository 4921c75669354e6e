import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { useFollowed } from '../../data/use-followed.ts';
import { DeviceSettingsChangedDocument } from '../../generated/device/graphql.ts';
import { type DeviceChange, mergeChanges } from './changes-rules.ts';

/** More than the graph begins with, so that what a page has shown does not go while it is looked at. */
const KEPT = 100;

type DeviceChanges = {
  /** The latest, newest first, whoever made them; none before the first word. */
  changes: readonly DeviceChange[];
  /** Whether others' changes are told, or will be as soon as the connection is back. */
  isTold: boolean;
};

const Context = createContext<DeviceChanges>({ changes: [], isTold: false });

/** Follows the changes of a device's settings once for all sections of its page. @param id null: they may not be seen, or are of the past */
export function DeviceChangesProvider({ id, children }: { id: string | null; children: ReactNode }) {
  const [changes, setChanges] = useState<readonly DeviceChange[]>([]);
  const follow = useFollowed({
    document: DeviceSettingsChangedDocument,
    variables: id === null ? null : { id },
    onEvent: ({ deviceSettingsChanged: event }) => {
      if (event !== null) setChanges((before) => mergeChanges(before, event.changes).slice(0, KEPT));
    },
  });
  const isTold = id !== null && follow?.phase !== 'ended';
  const value = useMemo(() => ({ changes, isTold }), [changes, isTold]);
  return <Context value={value}>{children}</Context>;
}

/** The changes of the device that the page is about. */
export const useDeviceChanges = (): DeviceChanges => useContext(Context);

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
