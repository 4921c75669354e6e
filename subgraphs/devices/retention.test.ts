import { appendToLog, readLogHead } from '@wheelhouse/kit/log-table.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import type { Queues } from '@wheelhouse/kit/queue.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStatusLogRetention, pruneStatusLog } from './retention.ts';
import { readStatusChanges } from './store/statuses.ts';
import { statusChanges } from './tables.ts';
import { openTestRegistry, type TestRegistry } from './testing/registry.ts';

const now = new Date('2026-11-25T08:00:00Z');
const DAY_MS = 86_400_000;
const daysAgo = (days: number, offsetMs = 0): Date => new Date(now.getTime() - days * DAY_MS + offsetMs);

describe('the retention of the status log', () => {
  let registry: TestRegistry;
  let deviceId: string;

  beforeAll(async () => {
    registry = await openTestRegistry();
    deviceId = await registry.add();
  });
  beforeEach(() => registry.sql`truncate devices.status_changes, devices.audit_outbox, devices.log_counters`);
  afterAll(() => registry.close());

  const append = (times: readonly Date[]): Promise<void> =>
    registry.db.transaction((tx) =>
      appendToLog(
        tx,
        statusChanges,
        times.map((at) => ({ device_id: deviceId, at, from: 'ONLINE', to: 'OFFLINE', reason: null, blind: false })),
      ),
    );
  const left = async (): Promise<number[]> =>
    (await readStatusChanges(registry.db, { filter: null, area: 'everywhere', position: 0, limit: 1_000 })).map(
      ({ position }) => position,
    );

  it('removes changes that are older than so many days', async () => {
    await append([daysAgo(401), daysAgo(400, -1), daysAgo(400), daysAgo(400, 1), daysAgo(0)]);
    expect(await pruneStatusLog(registry.db, now, { days: 400 })).toBe(2);
    expect(await left()).toEqual([3, 4, 5]);
    expect(await readLogHead(registry.db, statusChanges)).toMatchObject({ position: 5, floor: 2 });
    expect(await pruneStatusLog(registry.db, now, { days: 400 })).toBe(0);
  });

  it('goes on with the next batch until nothing old is left, or its limit is reached', async () => {
    await append(Array.from({ length: 25 }, () => daysAgo(2)));
    expect(await pruneStatusLog(registry.db, now, { days: 1, batchRows: 4, maxBatches: 3 })).toBe(12);
    expect(await left()).toHaveLength(13);
    expect(await pruneStatusLog(registry.db, now, { days: 1, batchRows: 4 })).toBe(13);
    expect(await left()).toEqual([]);
  });

  it('is done every hour, by the clock of the hour', async () => {
    await append([daysAgo(8), daysAgo(6)]);
    const ticks: { name: string; everySeconds: number; handle: (at: Date) => Promise<void> }[] = [];
    const queues: Pick<Queues, 'every'> = {
      every: async (name, everySeconds, handle) => void ticks.push({ name, everySeconds, handle }),
    };
    const logger = createLogger({ name: 'test', level: 'silent' });
    await openStatusLogRetention({ db: registry.db, queues, days: 7, logger });
    expect(ticks).toMatchObject([{ name: 'devices-status-log-retention', everySeconds: 3_600 }]);
    await ticks[0]?.handle(now);
    expect(await left()).toEqual([2]);
  });
});
