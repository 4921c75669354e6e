import type { Observations } from '@wheelhouse/contracts/observations.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import type { Chunk } from '@wheelhouse/kit/sweep.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { createCoreLinks } from './core-links.ts';
import { findControls } from './design-store.ts';
import { createDesignWatch } from './design-watch.ts';
import { createMetrics } from './metrics.ts';
import { visitCores } from './poller.ts';
import type { Reply } from './qrc.ts';
import { findCores, registryCopy } from './store.ts';
import { createTargetReader } from './target-reader.ts';
import { aResult, aScriptedLink } from './testing/links.ts';
import { createValueWriter } from './value-writer.ts';

const STATUS = {
  ...{ Platform: 'Core', State: 'Active', DesignName: 'Museum', DesignCode: 'one', IsRedundant: false },
  ...{ IsEmulator: false, Status: { Code: 0, String: 'OK' } },
};
const GAIN = { Name: 'gain', Type: 'Float', Value: -6, String: '-6.0dB', Position: 0.5, Direction: 'Read/Write' };
const sealer = createSealer('5a'.repeat(32));
const logger = createLogger({ name: 'test', level: 'silent' });

describe('a chunk of Cores', () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  let jobs: { id: string; payload: Observations }[];
  let answers: Record<string, Reply>;
  const observations: JobQueue<Observations> = {
    add: (added) => {
      jobs.push(...added);
      return Promise.resolve();
    },
    work: () => Promise.reject(new Error('the poller takes no observations')),
  };

  beforeAll(async () => {
    database = await createMigratedDatabase();
    handle = openDatabase(database.url);
  });
  afterAll(async () => {
    await handle.close();
    await database.drop();
  });
  beforeEach(async () => {
    await handle.sql`truncate qsys.cores, qsys.targets, qsys.feed_cursors, qsys.designs, qsys.components, qsys.controls`;
    jobs = [];
    answers = {
      StatusGet: aResult(STATUS),
      'Component.GetComponents': aResult([{ Name: 'Foyer', Type: 'gain' }]),
      'Component.GetControls': aResult({ Name: 'Foyer', Controls: [GAIN] }),
    };
  });

  const know = (connections: Record<string, Record<string, unknown>>): Promise<unknown> => {
    const items = Object.entries(connections).map(([id, connection]) => ({
      ...{ id, version: 1, removed: false, site: 'museum', timeZone: 'UTC', sealed: null, connection },
    }));
    return takeFeedItems(handle.db, registryCopy, items, { from: null, to: '1' });
  };
  const CONNECTION = { host: 'core', port: 1710, transport: 'TCP' };
  function aWorker(signal = new AbortController().signal) {
    const scripted = aScriptedLink((method) => answers[method] ?? { kind: 'silent', detail: method });
    const registry = new Registry();
    const metrics = createMetrics(registry);
    const writer = createValueWriter({ db: handle.db, intervalMs: 10, metrics, logger });
    onTestFinished(writer.close);
    const options = {
      ...{ db: handle.db, metrics, signal, readTarget: createTargetReader(sealer) },
      links: createCoreLinks(scripted.open, { idleMs: 60_000 }),
      watch: createDesignWatch({ db: handle.db, timeoutMs: 5_000, writer, metrics, logger, signal }),
    };
    const visit = (...keys: string[]) => {
      scripted.asked.length = 0;
      const chunk: Chunk = { slotMs: Date.now(), startMs: Date.now(), paceMs: 1, keys };
      return visitCores(options, observations, chunk);
    };
    const methods = () => scripted.asked.map(({ method }) => method);
    return { ...scripted, visit, methods, registry };
  }
  const gain = async () => (await findControls(handle.db, [{ deviceId: 'a', component: 'Foyer', name: 'gain' }]))[0];

  it('is looked at, kept, told as one job, and its components are read', async () => {
    await know({ a: CONNECTION, b: { ...CONNECTION, transport: 'CARRIER_PIGEON' } });
    const { visit, registry } = aWorker();
    await visit('a', 'b', 'gone');
    expect(jobs.map(({ payload }) => payload.observations)).toMatchObject([
      [
        { deviceId: 'a', finding: { kind: 'ANSWERED', problems: [] } },
        { deviceId: 'b', finding: { kind: 'COULD_NOT_LOOK', detail: expect.stringContaining('this version') } },
      ],
    ]);
    expect(await findCores(handle.db, ['a', 'b'])).toHaveLength(2);
    expect(await gain()).toMatchObject({ value: -6, type: 'Float', direction: 'READ_WRITE' });
    expect(await registry.metrics()).toMatch(
      /looks_total\{outcome="answered"\} 1[\s\S]*design_reads_total\{outcome="read"\} 1/,
    );
  });

  it('is read once for each design, and then pushes what changes', async () => {
    await know({ a: CONNECTION });
    const { visit, methods, watched } = aWorker();
    await visit('a');
    expect(methods()).toContain('Component.GetComponents');
    expect(watched.at(-1)?.watches).toMatchObject([{ named: [], components: [{ name: 'Foyer', controls: ['gain'] }] }]);
    const pushed = { component: 'Foyer', name: 'gain', value: -9, text: '-9dB', position: 0.4 };
    watched.at(-1)?.listener.changed([pushed, { ...pushed, component: null, name: 'Named' }]);
    await expect.poll(gain).toMatchObject({ value: -9, string: '-9dB', position: 0.4 });
    await visit('a');
    expect(methods()).toEqual(['StatusGet']);
    answers.StatusGet = aResult({ ...STATUS, DesignCode: 'two' });
    await visit('a');
    expect(methods()).toContain('Component.GetComponents');
    expect(watched).toHaveLength(2);
  });

  it('is read anew at once when it says that another design runs, and not for the same one', async () => {
    await know({ a: CONNECTION });
    const { visit, watched } = aWorker();
    await visit('a');
    watched.at(-1)?.listener.designRuns('one');
    watched.at(-1)?.listener.designRuns('two');
    await expect.poll(() => watched.length).toBe(2);
    watched.at(-1)?.listener.designRuns('two');
    await visit('a');
    // The scripted Core goes on to say `one`.
    expect(watched).toHaveLength(3);
  });

  it('is read anew after it refused to be watched, and never asked for components while no design runs', async () => {
    await know({ a: CONNECTION });
    const { visit, methods, watched, registry } = aWorker();
    await visit('a');
    const refused = { kind: 'refused', reason: 'CHANGE_GROUPS_EXHAUSTED', code: 5, message: 'no more' } as const;
    watched.at(-1)?.listener.watched(refused);
    expect(await registry.metrics()).toContain('wheelhouse_qsys_design_reads_total{outcome="failed"} 1');
    await visit('a');
    expect(methods()).toContain('Component.GetComponents');
    answers.StatusGet = aResult({ ...STATUS, State: 'Standby' });
    await visit('a');
    expect(methods()).toEqual(['StatusGet']);
    expect(jobs.every(({ payload }) => payload.observations[0]?.finding.kind === 'ANSWERED')).toBe(true);
  });

  it('is told of as answered where its components can not be read', async () => {
    await know({ a: CONNECTION });
    answers['Component.GetComponents'] = aResult('nonsense');
    const { visit, registry } = aWorker();
    await visit('a');
    expect(jobs[0]?.payload.observations).toMatchObject([{ finding: { kind: 'ANSWERED' } }]);
    expect(await gain()).toBeUndefined();
    expect(await registry.metrics()).toContain('wheelhouse_qsys_design_reads_total{outcome="failed"} 1');
  });

  it('says nothing when our own stop cut it off', async () => {
    await know({ a: CONNECTION });
    const { visit } = aWorker(AbortSignal.abort(new Error('the worker is stopping')));
    await expect(visit('a')).rejects.toThrow('the worker is stopping');
    expect(jobs).toEqual([]);
  });
});
