import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const main = join(import.meta.dirname, 'main.ts');

const readySchema = z.object({
  kind: z.literal('ready'),
  controlUrl: z.url(),
  estate: z.object({ devices: z.array(z.object({ externalId: z.string() })) }),
});

function start(args: string[]) {
  const child = fork(main, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('tells its parent when it is ready, serves, and ends with its parent', async () => {
  const child = start(['--count', '3', '--no-story', '--log-level', 'silent']);
  const [message] = await once(child, 'message');
  const { controlUrl, estate } = readySchema.parse(message);
  expect(estate.devices.length).toBe(3);
  expect((await fetch(`${controlUrl}/health/ready`)).status).toBe(200);
  const exited = once(child, 'exit');
  child.disconnect();
  expect(await exited).toEqual([0, null]);
});

test('ends in order at SIGTERM', async () => {
  const child = start(['--log-level', 'silent']);
  await once(child, 'message');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});

test.each([
  [['--count', 'many'], '--count'],
  [['--silent-percent', '101'], '--silent-percent'],
  [['--loud'], '--loud'],
])('the command line %j ends with 2 and names %s', async (args, option) => {
  const child = start(args);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  expect(await once(child, 'close')).toEqual([2, null]);
  expect(said.split('\n')[0]).toContain(option);
});
