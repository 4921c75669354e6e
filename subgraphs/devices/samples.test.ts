import { takeSamples } from '@wheelhouse/kit/sample-store.ts';
import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { applyObservations } from './poller.ts';
import { removeDevice } from './registry.ts';
import { thresholdsOf } from './rules.ts';
import { sampleSources, sampleTables } from './samples.ts';
import { at, by, openTestRegistry, type TestRegistry } from './testing/registry.ts';

const thresholds = thresholdsOf({ sweepSeconds: 60, missesToOffline: 3, answersToOnline: 1 });

let registry: TestRegistry;
beforeAll(async () => {
  registry = await openTestRegistry();
});
afterAll(() => registry.close());

it('samples what each device that is there was called, where it stood and how it was, looked at or not', async () => {
  const seen = await registry.add({ name: 'seen', site: 'hall' });
  const unseen = await registry.add({ name: 'unseen', site: 'depot' });
  const gone = await registry.add({ name: 'gone' });
  await removeDevice(registry.db, gone, by);
  const finding = { kind: 'ANSWERED', problems: [] as string[] } as const;
  const observations = [{ deviceId: seen, atMs: at.getTime(), finding }];
  await applyObservations(registry.db, { slotMs: at.getTime(), observations }, thresholds);
  // Long after: what a device is called is no measurement that could be too old.
  const hour = new Date('2026-12-24T00:00:00Z');
  expect(await takeSamples(registry.db, sampleTables, sampleSources, { hour, now: hour })).toBe(2);
  const { samples } = sampleTables;
  const rows = await registry.db.select().from(samples).orderBy(asc(samples.subject));
  const expected = [
    { subject: seen, attributes: { name: 'seen', site: 'hall', system: 'FIDA', status: 'ONLINE' } },
    { subject: unseen, attributes: { name: 'unseen', site: 'depot', system: 'FIDA', status: 'UNKNOWN' } },
  ];
  expect(rows.map(({ subject, metrics, attributes }) => ({ subject, metrics, attributes }))).toEqual(
    expected.map((row) => ({ ...row, metrics: {} })).toSorted((a, b) => (a.subject < b.subject ? -1 : 1)),
  );
});
