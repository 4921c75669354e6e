import type { LogBatch } from '@wheelhouse/kit/live-log.ts';
import { describe, expect, it } from 'vitest';
import { streamOfChange } from './settings-stream.ts';
import type { SettingsChangeRow, SettingsEventRow } from './store/settings.ts';

const aChange = (overrides: Partial<SettingsChangeRow> = {}): SettingsChangeRow => ({
  ...{ id: 'c1', subject: 'd1', settingsVersion: 1, state: 'PENDING', wanted: { brightnessPercent: 40 } },
  ...{ before: null, readBack: null, code: null, detail: null, actor: 'ann', reason: null, undoes: null },
  ...{ requestedAtMs: 0, finishedAtMs: null },
  ...overrides,
});

let positions = 0;
/** What the log says when the change has come to `now` already. */
const anEvent = (state: SettingsEventRow['state'], now = state, id = 'c1'): SettingsEventRow => ({
  ...{ position: ++positions, state, change: aChange({ id, state: now }) },
});

/** A log that gives these batches and then waits, or ends when the service stops. */
function aLog(batches: SettingsEventRow[][], isStopping = false) {
  const waiting = Promise.withResolvers<IteratorResult<LogBatch<SettingsEventRow>>>();
  const log = {
    followed: 0,
    returned: 0,
    follow: (): AsyncIterableIterator<LogBatch<SettingsEventRow>> => {
      log.followed += 1;
      const left = [...batches];
      return {
        next: async () => {
          const rows = left.shift();
          if (rows !== undefined) return { value: { rows, position: positions, isCaughtUp: true }, done: false };
          return isStopping ? { value: undefined, done: true } : waiting.promise;
        },
        return: async () => {
          log.returned += 1;
          waiting.resolve({ value: undefined, done: true });
          return { value: undefined, done: true };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
  return log;
}

async function statesOf(stream: AsyncIterableIterator<SettingsChangeRow>): Promise<string[]> {
  const states: string[] = [];
  for await (const { state } of stream) states.push(state);
  return states;
}

describe('the stream of a change of settings', () => {
  it.each<[fact: string, first: SettingsEventRow['state'], batches: SettingsEventRow[][], states: string[]]>([
    [
      'begins with the state and ends with the end',
      'PENDING',
      [[anEvent('SENDING')], [anEvent('APPLIED')]],
      ['PENDING', 'APPLIED'],
    ],
    [
      'tells the end once, also when all comes in one batch',
      'PENDING',
      [[anEvent('PENDING'), anEvent('SENDING', 'REJECTED'), anEvent('REJECTED')]],
      ['PENDING', 'REJECTED'],
    ],
    [
      'tells no state ahead of the log',
      'SENDING',
      [[], [anEvent('SENDING', 'MISMATCH')], [anEvent('MISMATCH')]],
      ['SENDING', 'MISMATCH'],
    ],
    [
      'passes over what became of others',
      'PENDING',
      [[anEvent('APPLIED', 'APPLIED', 'c2')], [anEvent('SUPERSEDED')]],
      ['PENDING', 'SUPERSEDED'],
    ],
    ['is over after the state when the change is over', 'UNREACHABLE', [[anEvent('APPLIED')]], ['UNREACHABLE']],
  ])('%s', async (_fact, first, batches, states) => {
    const log = aLog(batches);
    expect(await statesOf(streamOfChange(aChange({ state: first }), log.follow))).toEqual(states);
    expect(log.returned).toBe(log.followed);
  });

  it('does not look like the end of the change when the service stops', async () => {
    const stream = streamOfChange(aChange(), aLog([[anEvent('SENDING')]], true).follow);
    await stream.next();
    await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
  });

  it('ends at once while it waits', async () => {
    const log = aLog([[]]);
    const stream = streamOfChange(aChange(), log.follow);
    await stream.next();
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(log.returned).toBeGreaterThan(0);
    expect(await stream.next()).toEqual({ value: undefined, done: true });
  });
});
