import { useSyncExternalStore } from 'react';
import { createStore } from './store.ts';

/** What is chosen in this browser. `system` follows the system's own choice of light or dark. */
export type Preferences = { theme: 'system' | 'light' | 'dark'; density: 'comfortable' | 'compact' };

const KEY = 'wheelhouse.preferences';
const DEFAULT: Preferences = { theme: 'system', density: 'comfortable' };

/** What a stored text says; what it does not say, or says wrongly, is as by default. */
export function parsePreferences(text: string | null): Preferences {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? '{}');
  } catch {
    return DEFAULT;
  }
  const { theme, density } = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<string, unknown>;
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : DEFAULT.theme,
    density: density === 'compact' ? density : DEFAULT.density,
  };
}

function readStored(): Preferences {
  try {
    return parsePreferences(localStorage.getItem(KEY));
  } catch {
    return DEFAULT;
  }
}

const store = createStore<Preferences>(typeof localStorage === 'undefined' ? DEFAULT : readStored());

/** Chooses, shows it at once, and keeps it where the browser lets us. */
export function prefer(change: Partial<Preferences>): void {
  const preferences = { ...store.get(), ...change };
  const { dataset } = document.documentElement;
  if (preferences.theme === 'system') delete dataset.theme;
  else dataset.theme = preferences.theme;
  dataset.density = preferences.density;
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // It holds until the page is left.
  }
  store.set(preferences);
}

export const usePreferences = (): Preferences => useSyncExternalStore(store.subscribe, store.get);
