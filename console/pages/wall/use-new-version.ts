import { useEffect, useRef } from 'react';
import { useLive } from '../../data/use-live.ts';
import { entryScript, isReloadDue } from './version-rules.ts';

const LOOK_EVERY_MS = 60_000;
const TIMEOUT_MS = 20_000;
const RELOADED = 'wheelhouse.wall.reloaded';
const INPUTS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** The start page as it is served now; null when nobody answers. A browser's cache asks for it by its ETag, and is told that nothing changed. */
async function readServed(): Promise<string | null> {
  try {
    const response = await fetch('/', { cache: 'no-cache', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? entryScript(await response.text()) : null;
  } catch {
    return null;
  }
}

/** Reloads the page when a new version of the console is served, once nobody is at the screen: it hangs there for weeks. */
export function useNewVersion(): void {
  const isLive = useRef(false);
  const { phase } = useLive();
  useEffect(() => {
    isLive.current = phase === 'live';
  }, [phase]);

  useEffect(() => {
    let lastInputMs = Date.now();
    const touched = (): void => {
      lastInputMs = Date.now();
    };
    for (const input of INPUTS) window.addEventListener(input, touched, { passive: true });
    const running = document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? null;
    let isLooking = false;
    const look = async (): Promise<void> => {
      if (isLooking) return;
      isLooking = true;
      const served = await readServed();
      isLooking = false;
      const lastReloadMs = Number(sessionStorage.getItem(RELOADED));
      if (!isReloadDue({ running, served, isLive: isLive.current, lastInputMs, lastReloadMs, nowMs: Date.now() }))
        return;
      sessionStorage.setItem(RELOADED, String(Date.now()));
      location.reload();
    };
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      for (const input of INPUTS) window.removeEventListener(input, touched);
    };
  }, []);
}
