import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { queueBackends, type TestBackend } from '../tests/queue-backends.ts';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const payload = z.object({ value: z.number() });
const PROGRAM = fileURLToPath(new URL('./testing/hold-job.ts', import.meta.url));
/** A lock of 15 s, two looks 5 s apart, and time for a busy machine. */
const TAKEN_OVER_MS = 45_000;

// Beside each other: they wait for a lock most of the time.
describe.concurrent.each(queueBackends)('a queue on $backend', ({ isMissing, start }) => {
  if (isMissing) return void it.skip('needs a program that is not installed', () => {});
  let backend: TestBackend;
  const stops = new StopList(logger);

  beforeAll(async () => {
    backend = await start();
  });
  afterAll(async () => {
    await stops.stop();
    await backend.close();
  });

  it('gives the job of a worker that was killed to another', async () => {
    const queue = backend.open({ logger, stops }).queue('held', payload);
    const holder = spawn(process.execPath, [PROGRAM, 'held', ...backend.urls], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(holder, 'exit');
    await queue.add([{ id: 'a', payload: { value: 7 } }]);
    await once(holder.stdout, 'data');
    const seen: number[] = [];
    await queue.work(async ({ value }) => void seen.push(value), { concurrency: 1 });
    expect(seen).toEqual([]);
    holder.kill('SIGKILL');
    await exited;
    await expect.poll(() => seen, { timeout: TAKEN_OVER_MS }).toEqual([7]);
  }, 60_000);
});
