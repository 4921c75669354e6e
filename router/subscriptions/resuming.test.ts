import { afterEach, expect, it } from 'vitest';
import { until } from '../testing/router.ts';
import { openResuming, pauseBefore } from './resuming.ts';
import { SubscriptionRefusedError, UpstreamLostError, type UpstreamSink } from './upstream.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An upstream whose service does what the test says; `opened` has the cursor of each try. */
function aResuming(retryForMs: number) {
  const opened: (string | null)[] = [];
  const ends: unknown[] = [];
  let service: UpstreamSink | null = null;
  const { free } = openResuming({
    open: (after, sink) => {
      opened.push(after);
      service = sink;
      return () => {};
    },
    after: null,
    isResumable: false,
    retryForMs,
    sink: { event: () => {}, caughtUp: () => {}, end: (err) => ends.push(err) },
  });
  closers.push(free);
  const say = (): UpstreamSink => {
    if (service === null) throw new Error('it was not opened');
    return service;
  };
  return { opened, ends, say, free };
}

const refusal = (code: string) => new SubscriptionRefusedError('log', [{ message: 'no', extensions: { code } }]);

it.each([
  [0, 0, 25],
  [0, 1, 50],
  [3, 1, 400],
  [4, 1, 800],
  [5, 1, 1_000],
  [50, 0, 500],
])('the pause before try %i is between half of its bound and the bound (chance %d)', (attempt, chance, ms) => {
  expect(pauseBefore(attempt, chance)).toBe(ms);
});

it.each([
  ['breaks', new UpstreamLostError('log')],
  ['is completed by a service that stops', undefined],
  ['can not be opened since the database is away', refusal('DATABASE_UNAVAILABLE')],
])('one that %s is opened again behind its last cursor', async (_what, err) => {
  const { opened, ends, say } = aResuming(5_000);
  say().caughtUp('c1');
  say().event({ data: {} }, 'c2');
  say().end(err);
  await until('the second try', () => opened.length === 2);
  expect(opened).toEqual([null, 'c2']);
  expect(ends).toEqual([]);
});

it.each([
  ['that the service refuses for good', refusal('CURSOR_EXPIRED'), true],
  ['that breaks before the service has named a cursor', new UpstreamLostError('log'), false],
])('one %s is over', (_what, err, hasCursor) => {
  const { opened, ends, say } = aResuming(5_000);
  if (hasCursor) say().caughtUp('c1');
  say().end(err);
  expect(ends).toEqual([err]);
  expect(opened).toHaveLength(1);
});

it('one that stays away for too long is over, and one that is freed is opened no more', async () => {
  const lost = new UpstreamLostError('log');
  const away = aResuming(60);
  away.say().caughtUp('c1');
  await until('the end', () => {
    away.say().end(lost);
    return away.ends.length > 0;
  });
  expect(away.ends).toEqual([lost]);
  expect(away.opened.length).toBeGreaterThan(1);
  const freed = aResuming(5_000);
  freed.say().caughtUp('c1');
  freed.say().end(lost);
  freed.free();
  // Its two pauses are longer than the first pause of the freed one could have been.
  const other = aResuming(5_000);
  other.say().caughtUp('c1');
  other.say().end(lost);
  await until('another that was lost later is opened again', () => other.opened.length === 2);
  other.say().end(lost);
  await until('and once more', () => other.opened.length === 3);
  expect(freed.opened).toHaveLength(1);
});
