import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Live } from './live.ts';
import type { LiveState, StatusChange } from './live-rules.ts';

export const LiveContext = createContext<Live | null>(null);

/** @throws Error outside of the signed-in part of the console */
export function useLiveConnection(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('nothing is followed here: render inside of LiveContext');
  return live;
}

/** Whether what is shown is current, and since when it is or is not. */
export function useLive(): LiveState {
  const { state } = useLiveConnection();
  return useSyncExternalStore(state.subscribe, state.get);
}

/** Status changes of the last hour that came while this page was open, newest first. */
export function useRecentChanges(): readonly StatusChange[] {
  const { recent } = useLiveConnection();
  return useSyncExternalStore(recent.subscribe, recent.get);
}
