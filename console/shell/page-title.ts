import { useEffect, useSyncExternalStore } from 'react';
import { useEstateCounts } from '../data/use-estate-counts.ts';
import { faviconName } from '../design/favicon.ts';
import { createStore } from '../store.ts';
import { texts } from './texts.ts';

const title = createStore(texts.product);

/** Names the page, for the tab of the browser and for who can't see it. */
export function usePageTitle(name: string): void {
  useEffect(() => title.set(name), [name]);
}

function show(name: string, offline: number): void {
  const whole = name === texts.product ? name : `${name} · ${texts.product}`;
  document.title = offline > 0 ? texts.offlineTitle(offline, whole) : whole;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const href = `/favicons/${faviconName(offline)}.svg`;
  if (icon !== null && icon.getAttribute('href') !== href) icon.href = href;
}

/** The same for a page that anyone may open, where nothing is known of devices: what the tab said of them is gone. */
export function useBareTitle(name: string): void {
  usePageTitle(name);
  useEffect(() => show(name, 0), [name]);
}

/** Keeps the tab's title and icon: they say how many devices are offline, to who looks at another tab. */
export function useTabTitle(): void {
  const name = useSyncExternalStore(title.subscribe, title.get);
  const offline = useEstateCounts()?.offline ?? 0;
  useEffect(() => show(name, offline), [name, offline]);
}
