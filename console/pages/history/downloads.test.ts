import { afterEach, expect, it, vi } from 'vitest';
import type { SessionState } from '../../session/session.ts';
import { createStore } from '../../store.ts';
import { listDownloads, startDownload } from './downloads.ts';
import type { Export } from './export-rules.ts';

const WANTED: Export = {
  kind: 'samples',
  step: 'HOUR',
  format: 'csv',
  from: new Date('2026-11-01T00:00:00Z'),
  to: new Date('2026-11-02T00:00:00Z'),
  site: null,
  system: null,
};

afterEach(() => vi.unstubAllGlobals());

it('an export ends with the sign-in of who asked for it, and is forgotten', async () => {
  const asked: AbortSignal[] = [];
  vi.stubGlobal('fetch', (_path: string, { signal }: { signal: AbortSignal }) => {
    asked.push(signal);
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  });
  const state = createStore<SessionState>({ phase: 'signedIn', signIn: 1, generation: 1 });
  startDownload(WANTED, 3, { state });
  state.set({ phase: 'signedIn', signIn: 1, generation: 2 });
  expect([listDownloads().length, asked[0]?.aborted]).toEqual([1, false]);
  state.set({ phase: 'signedOut', ended: false });
  expect([listDownloads().length, asked[0]?.aborted]).toEqual([0, true]);
});
