import { type SealedSamples, samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import type { Queues } from '@wheelhouse/kit/queue.ts';
import { openQueues } from '@wheelhouse/kit/queue.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openArchive } from './poller.ts';
import { at, hoursBetween, openEstate, silent, type TestEstate } from './testing/estate.ts';

let estate: TestEstate;
const stops = new StopList(silent);
beforeEach(async () => {
  estate = await openEstate();
});
afterEach(async () => {
  await stops.stop();
  await estate.close();
});

it('archives on its tick, and tells the services on their queues what they may remove', async () => {
  await estate.declare('fida', ['one']);
  const hours = hoursBetween(at('2026-11-18T00:00'), at('2026-11-21T01:00'));
  await estate.run('fida', hours);
  await estate.append(
    'fida',
    hours.map((hour) => ({ subject: 'a', hour, metrics: { one: 1 } })),
  );
  const queues = openQueues({ databaseUrl: estate.url, logger: silent, stops });
  const told = Promise.withResolvers<SealedSamples>();
  await queues
    .queue(samplesSealedQueue('fida'), sealedSamplesShape)
    .work(async (sealed) => told.resolve(sealed), { concurrency: 1 });

  // The tick itself is the kit's; its time is not for a test to wait for.
  const ticks: { name: string; everySeconds: number; tick: (at: Date) => Promise<void> }[] = [];
  const every: Queues['every'] = async (name, everySeconds, tick) => void ticks.push({ name, everySeconds, tick });
  const { signal } = new AbortController();
  await openArchive({
    db: estate.db,
    queues: { ...queues, every },
    logger: silent,
    now: () => at('2026-11-21T01:00'),
    signal,
  });
  expect(ticks).toMatchObject([{ name: 'history-archive', everySeconds: 3_600 }]);
  await ticks[0]?.tick(at('2026-11-21T01:00'));

  const [counter] = await estate.sql`select epoch from fida.log_counters where log = 'samples'`;
  expect(await told.promise).toEqual({
    epoch: counter?.epoch,
    throughPosition: 72,
    before: '2026-11-19T00:00:00.000Z',
  });
});

it('ends a round between two transactions when its worker stops, and the next one goes on', async () => {
  await estate.declare('fida', ['one']);
  const hours = hoursBetween(at('2026-11-18T00:00'), at('2026-11-21T01:00'));
  await estate.run('fida', hours);
  const aborter = new AbortController();
  const ticks: (() => Promise<void>)[] = [];
  const queues: Queues = {
    queue: () => ({ add: async () => {}, work: async () => {} }),
    every: async (_name, _seconds, tick) => void ticks.push(() => tick(at('2026-11-21T01:00'))),
  };
  const now = () => at('2026-11-21T01:00');
  await openArchive({ db: estate.db, queues, logger: silent, now, signal: aborter.signal });
  aborter.abort(new Error('the worker is stopping'));
  await expect(ticks[0]?.()).rejects.toThrow('the worker is stopping');
  expect((await estate.gather(now())).sealed).toEqual(['2026-11-18', '2026-11-19', '2026-11-20']);
});
