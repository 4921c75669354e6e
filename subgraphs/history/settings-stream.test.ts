import type { LogBatch } from '@wheelhouse/kit/live-log.ts';
import { describe, expect, it } from 'vitest';
import { LATEST_CHANGES, streamOfChange, streamOfSubject } from './settings-stream.ts';
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

describe("the stream of a device's changes of settings", () => {
  const open = (log: ReturnType<typeof aLog>, refusal: () => Promise<Error | null> = async () => null) =>
    streamOfSubject('d1', { latest: [aChange({ id: 'c0', state: 'APPLIED' })], logs: [log.follow()] }, refusal);
  const idsOf = ({ value }: IteratorResult<{ complete: boolean; changes: readonly SettingsChangeRow[] }, undefined>) =>
    value && [value.complete, ...value.changes.map(({ id, state }) => `${id} ${state}`)];

  it('begins with the latest, and goes on with those that are made and that end, of this device alone', async () => {
    const made = { ...anEvent('PENDING'), change: aChange({ settingsVersion: 2 }) };
    const other = { ...anEvent('PENDING', 'PENDING', 'c9'), change: aChange({ id: 'c9', subject: 'd2' }) };
    const log = aLog([[other, anEvent('SENDING')], [made], [anEvent('APPLIED')]]);
    const stream = open(log);
    expect(idsOf(await stream.next())).toEqual([true, 'c0 APPLIED']);
    const told: unknown[] = [];
    while (told.at(-1) !== 'c1 APPLIED') told.push(...(idsOf(await stream.next()) ?? []).slice(1));
    expect(told[0]).toMatch(/^c1 (PENDING|APPLIED)$/);
    expect(await stream.return()).toEqual({ value: undefined, done: true });
    expect(log.returned).toBeGreaterThan(0);
  });

  it('ends when the device has moved to where the subscriber may not look, and tells nothing of it', async () => {
    const stream = open(aLog([[anEvent('APPLIED')]]), async () => new Error('NOT_FOUND'));
    const events = [await stream.next().catch(String), await stream.next().catch(String)];
    expect(events).toContain('Error: NOT_FOUND');
  });

  it('is interrupted when the service stops, and when too much waits for who does not read', async () => {
    const many = Array.from({ length: LATEST_CHANGES + 1 }, (_, index) => anEvent('APPLIED', 'APPLIED', `m${index}`));
    for (const log of [aLog([], true), aLog([many])]) {
      const stream = open(log);
      const all = async () => {
        for (;;) await stream.next();
      };
      await expect(all()).rejects.toMatchObject({ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
    }
  });
});
