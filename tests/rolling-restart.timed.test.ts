import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readCursor } from '@wheelhouse/kit/cursor-log.ts';
import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import { readRouterConfig } from '@wheelhouse/router/config.ts';
import { isRunning } from '@wheelhouse/standalone/processes.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ONE_OF_EACH } from './cluster.ts';
import { eventually } from './harness.ts';
import type { SubscribersOptions, SubscribersReport } from './rolling/many-subscribers.ts';
import { type ChangingEstate, startChangingEstate } from './unbroken/estate.ts';

const SUBSCRIBERS = 500;
const PROGRAMS = 2;
const PROGRAM = fileURLToPath(new URL('./rolling/many-subscribers.ts', import.meta.url));
/** What everything but waiting may take on a busy machine. */
const SLACK_MS = 2_000;

describe(`a rolling restart of two routers under ${SUBSCRIBERS} subscribers`, () => {
  let estate: ChangingEstate;
  const closers: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    estate = await startChangingEstate({ queues: 'postgres', replicas: ONE_OF_EACH });
  }, 180_000);
  afterAll(async () => {
    for (const close of closers) await close();
    await estate.close();
  }, 60_000);

  /** Clients in a process of their own; resolves when all are live. */
  async function startSubscribers(options: SubscribersOptions) {
    const child = fork(PROGRAM, [JSON.stringify(options)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    closers.push(async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    });
    await once(child, 'message');
    return {
      until: async (position: number): Promise<SubscribersReport> => {
        child.send({ until: position });
        const [report] = await once(child, 'message');
        return report;
      },
    };
  }

  it('loses no event and doubles none, and each router is gone within its limit', async () => {
    const start = await estate.head();
    const after = readCursor(start.cursor) ?? { epoch: '', position: -1 };
    const urls = estate.cluster.graphUrls;
    const programs = await Promise.all(
      Array.from({ length: PROGRAMS }, () => startSubscribers({ urls, count: SUBSCRIBERS / PROGRAMS, after })),
    );
    const stopChanging = estate.keepChanging(seededRandom(1));
    const moreChanges = async (count: number): Promise<void> => {
      const { position } = await estate.head();
      await eventually(`${count} more changes`, async () => (await estate.head()).position >= position + count);
    };
    const { drainMs } = readRouterConfig({});
    for (const replica of [1, 2]) {
      await moreChanges(40);
      const router = estate.cluster.process('router', replica);
      const pid = router.pid ?? 0;
      const openStreams = async (): Promise<number> => {
        const text = await (await fetch(new URL('/metrics', router.url))).text();
        return Number(/^router_subscriptions_open (\d+)$/m.exec(text)?.[1]);
      };
      expect(await openStreams()).toBeGreaterThanOrEqual(SUBSCRIBERS / 2);
      router.kill('SIGTERM');
      await eventually('it is gone', async () => !(await isRunning(pid)), drainMs + SLACK_MS);
      await moreChanges(40);
      await eventually(
        'another is in its place',
        () =>
          fetch(new URL('/health/ready', router.url)).then(
            ({ ok }) => ok,
            () => false,
          ),
        60_000,
      );
    }
    await moreChanges(40);
    stopChanging();
    const { position } = await estate.head();
    const reports = await Promise.all(programs.map(({ until }) => until(position)));
    expect(reports.map(({ faults }) => faults)).toEqual(reports.map(() => []));
    for (const { received, reconnects } of reports) {
      expect(received).toBeGreaterThanOrEqual((SUBSCRIBERS / PROGRAMS) * (position - start.position));
      // Those at the first router went to the second, and those at the second then to the first.
      expect(reconnects).toBeGreaterThan(SUBSCRIBERS / PROGRAMS);
    }
  }, 180_000);
});
