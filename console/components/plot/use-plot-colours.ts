import { useMemo, useSyncExternalStore } from 'react';
import { usePreferences } from '../../preferences.ts';
import { type PlotColours, readPlotColours } from './plot-paint.ts';

const DARK = '(prefers-color-scheme: dark)';

function subscribe(listener: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

/** The colours of plots for the theme that holds, chosen here or by the system: what is on a canvas does not follow it by itself. */
export function usePlotColours(): PlotColours {
  const { theme } = usePreferences();
  const isDark = useSyncExternalStore(subscribe, () => matchMedia(DARK).matches);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the document, which follows the two
  return useMemo(readPlotColours, [theme, isDark]);
}
