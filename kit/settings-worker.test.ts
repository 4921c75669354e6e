import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { queueBackends, type TestBackend } from '../tests/queue-backends.ts';
import { StopList } from './lifecycle.ts';
import { openLogWatch } from './log-watch.ts';
import { createLogger } from './logger.ts';
import type { SettingsValues } from './settings-changes.ts';
import { openOutcomes } from './settings-outcomes.ts';
import {
  enqueueChanges,
  openSettingsWorker,
  reconcile,
  type SettingsWorkerOptions,
  settingsQueue,
} from './settings-worker.ts';
import { openSettingsDatabase, type SettingsDatabase, tables } from './testing/settings.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

/** Subjects that obey, and remember in which order they were told what. */
function someSubjects() {
  const told: [string, SettingsValues][] = [];
  const values = new Map<string, SettingsValues>();
  let busy = 0;
  let mostBusy = 0;
  const reach = (subject: string): ReturnType<SettingsWorkerOptions['reach']> => ({
    read: () => {
      const seen = values.get(subject) ?? {};
      return Promise.resolve({
        ...{ kind: 'read', values: seen },
        holds: (wanted) => Object.entries(wanted).every(([name, value]) => seen[name] === value),
      });
    },
    set: async (wanted) => {
      busy += 1;
      mostBusy = Math.max(mostBusy, busy);
      told.push([subject, wanted]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      values.set(subject, { ...values.get(subject), ...wanted });
      busy -= 1;
      return { kind: 'accepted' };
    },
  });
  return { reach, told, mostBusy: () => mostBusy };
}

describe.each(queueBackends)('settings over a queue on $backend', ({ isMissing, start }) => {
  if (isMissing) return void it.skip('needs a program that is not installed', () => {});
  let backend: TestBackend;
  let database: SettingsDatabase;
  let stops = new StopList(logger);

  beforeAll(async () => {
    backend = await start();
    database = await openSettingsDatabase();
  });
  afterEach(async () => {
    await stops.stop();
    stops = new StopList(logger);
    await database.clear();
  });
  afterAll(async () => {
    await backend.close();
    await database.close();
  });

  const openWorker = async (name: string, overrides: Partial<SettingsWorkerOptions> = {}) => {
    const subjects = someSubjects();
    const aborter = new AbortController();
    const queues = backend.open({ logger, stops });
    await openSettingsWorker({
      ...{ db: database.db, tables, queues, name, concurrency: 4, settleMs: 500, reach: subjects.reach },
      ...{ sentOf: (wanted: SettingsValues) => wanted, saveReadBack: () => Promise.resolve(), logger },
      ...{ onSent: () => {}, onFinished: () => {}, signal: aborter.signal, ...overrides },
    });
    return { ...subjects, queue: settingsQueue(queues, name), aborter };
  };
  const openCount = async (): Promise<number> => {
    const rows = await database.db.execute(sql`select 1 from ${tables.changes} where state in ('PENDING', 'SENDING')`);
    return rows.length;
  };

  it('are carried out one after the other for one subject, and beside each other for others', async () => {
    const worker = await openWorker('order');
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].flatMap((subject) => [
        database.accepted({ subject, sent: { level: 1 } }),
        database.accepted({ subject, sent: { input: 'B' } }),
        database.accepted({ subject, sent: { power: 'ON' } }),
      ]),
    );
    const changes = outcomes.map(({ change }) => change);
    await enqueueChanges(worker.queue, changes, { logger });
    await expect.poll(openCount, { timeout: 40_000 }).toBe(0);
    for (const subject of ['a', 'b', 'c']) {
      const inOrder = changes
        .filter((change) => change.subject === subject)
        .toSorted((one, other) => one.settingsVersion - other.settingsVersion);
      const told = worker.told.filter(([whose]) => whose === subject).map(([, wanted]) => wanted);
      expect(told).toEqual(inOrder.map(({ wanted }) => wanted));
    }
    expect(worker.mostBusy()).toBeGreaterThan(1);
  });

  it('are carried out although no job was ever made for them', async () => {
    const worker = await openWorker('lost');
    await database.accepted({ subject: 'a', sent: { level: 1 } });
    await database.sql`update fida.settings_changes set requested_at = now() - interval '1 minute'`;
    // The reconciler's own tick comes every ten seconds.
    await expect.poll(openCount, { timeout: 20_000 }).toBe(0);
    expect(worker.told).toEqual([['a', { level: 1 }]]);
  }, 30_000);

  it('are queued again under another name than that of the job that was lost', async () => {
    const worker = await openWorker('again', { reach: () => someSubjects().reach('a') });
    const { change } = await database.accepted({ subject: 'a', sent: { level: 1 } });
    // A job that is done already: one of the same id would not be added.
    await enqueueChanges(worker.queue, [{ id: change.id, subject: 'nobody' }], { logger });
    await database.sql`update fida.settings_changes set requested_at = now() - interval '1 minute'`;
    await reconcile({ db: database.db, tables, logger }, worker.queue, new Date(0));
    await expect.poll(openCount, { timeout: 40_000 }).toBe(0);
  });

  it('that fail for a reason of our own are given up in the end, and what is behind them is carried out', async () => {
    let sends = 0;
    const worker = await openWorker('poison', {
      settleMs: 0,
      reach: () => ({
        read: () => Promise.resolve({ kind: 'read', values: {}, holds: () => false }),
        set: (wanted) => {
          if (!('level' in wanted)) return Promise.resolve({ kind: 'accepted' });
          sends += 1;
          return Promise.reject(new Error('a fault in our own code'));
        },
      }),
    });
    const { change: poison } = await database.accepted({ subject: 'a', sent: { level: 1 } });
    const { change: next } = await database.accepted({ subject: 'a', sent: { input: 'B' } });
    await enqueueChanges(worker.queue, [poison, next], { logger });
    await expect.poll(openCount, { timeout: 40_000 }).toBe(0);
    expect(await database.change(poison.id)).toMatchObject({
      ...{ state: 'UNREACHABLE', code: 'INTERNAL_ERROR', readBack: null },
      detail: expect.stringMatching(/in 5 attempts, .*whether it took effect is not known$/),
    });
    expect((await database.change(next.id))?.state).toBe('MISMATCH');
    expect(sends).toBe(5);
  }, 60_000);

  it('for which somebody waits go before those for which nobody does', async () => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const obeying = someSubjects();
    const worker = await openWorker('urgent', {
      concurrency: 1,
      reach: async (subject) => {
        const port = await obeying.reach(subject);
        const read: typeof port.read = async (signal) => {
          begun.resolve();
          await gate.promise;
          return port.read(signal);
        };
        return { ...port, read };
      },
    });
    const request = async (subject: string) => (await database.accepted({ subject, sent: { level: 1 } })).change;
    const hours = [await request('first'), await request('a'), await request('b'), await request('c')];
    await enqueueChanges(worker.queue, hours, { logger, isBackground: true });
    await begun.promise;
    await enqueueChanges(worker.queue, [await request('waited for')], { logger });
    gate.resolve();
    await expect.poll(openCount, { timeout: 40_000 }).toBe(0);
    expect(obeying.told.map(([subject]) => subject).slice(0, 2)).toEqual([hours[0]?.subject, 'waited for']);
  });

  it('that a worker had in hand when it stopped are carried out by the next one, and sent once', async () => {
    const begun = Promise.withResolvers<void>();
    const aborter = new AbortController();
    const hanging = await openWorker('stopped', {
      signal: aborter.signal,
      reach: () => ({
        read: () => {
          begun.resolve();
          return new Promise((resolve) =>
            aborter.signal.addEventListener('abort', () => resolve({ kind: 'silent', detail: 'cut off' })),
          );
        },
        set: () => Promise.reject(new Error('nothing is to be sent')),
      }),
    });
    const { change } = await database.accepted({ subject: 'a', sent: { level: 1 } });
    await enqueueChanges(hanging.queue, [change], { logger });
    await begun.promise;
    aborter.abort(new Error('the worker is stopping'));
    await stops.stop();
    expect((await database.change(change.id))?.leaseToken).toBeNull();
    stops = new StopList(logger);
    const next = await openWorker('stopped');
    await expect.poll(openCount, { timeout: 20_000 }).toBe(0);
    expect(next.told).toHaveLength(1);
  }, 30_000);

  it('are waited for by many, and asked for twice each however long that takes', async () => {
    const outcomes = await openOutcomes({ db: database.db, logs: openLogWatch(database), tables, logger });
    stops.own('outcomes', outcomes, ({ close }) => close());
    const worker = await openWorker('waited');
    const accepted = await Promise.all(
      Array.from({ length: 20 }, (_, index) => database.accepted({ subject: `s${index}`, sent: { level: 1 } })),
    );
    const changes = accepted.map(({ change }) => change);
    const waiting = changes.map(({ id }) => outcomes.wait([id], 10_000));
    const together = outcomes.wait(
      changes.map(({ id }) => id),
      10_000,
    );
    const [early] = await outcomes.wait([changes[0]?.id ?? ''], 0);
    expect(early?.state).toBe('PENDING');
    await enqueueChanges(worker.queue, changes, { logger });
    const ended = [...(await Promise.all(waiting)).flat(), ...(await together)];
    expect(ended.map(({ state }) => state)).toEqual(new Array(40).fill('APPLIED'));
  }, 20_000);
});
