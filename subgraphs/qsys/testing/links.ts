import type { Watch } from '../qrc/watch.ts';
import type { CoreLink, CoreTarget, OpenLink, Reply, WatchListener } from '../qrc.ts';
import type { CoreState, Look } from '../rules.ts';

export const aTarget = (overrides: Partial<CoreTarget> = {}): CoreTarget => ({
  ...{ host: '127.0.0.1', port: 1710, transport: 'TCP', fingerprint: null, logon: null },
  ...overrides,
});

export const aState = (overrides: Partial<CoreState> = {}): CoreState => ({
  ...{ platform: 'Core 110f', engineState: 'ACTIVE', designName: 'Museum', designCode: 'wMuseum1' },
  ...{ isRedundant: false, isEmulator: false, problems: [] },
  ...overrides,
});

export const anAnswer = (overrides: Partial<CoreState> = {}): Extract<Look, { kind: 'answered' }> => ({
  ...{ kind: 'answered', roundTripMs: 2.5, state: aState(overrides) },
});

export const aResult = (result: unknown): Reply => ({ kind: 'result', result, roundTripMs: 1.5 });

/** A Core that answers as a test says, and remembers what it was asked for and who is to be told of what changes. */
export function aScriptedLink(answer: (method: string, params: unknown) => Reply): {
  open: OpenLink;
  link: CoreLink;
  asked: { method: string; params: unknown }[];
  watched: { watches: readonly Watch[]; listener: WatchListener }[];
} {
  const asked: { method: string; params: unknown }[] = [];
  const watched: { watches: readonly Watch[]; listener: WatchListener }[] = [];
  const link: CoreLink = {
    request: (method, params) => {
      asked.push({ method, params });
      return Promise.resolve(answer(method, params));
    },
    watch: (watches, listener) => void watched.push({ watches, listener }),
    close: () => {},
  };
  return { open: () => link, link, asked, watched };
}
