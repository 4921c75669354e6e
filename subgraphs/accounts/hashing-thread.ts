// A thread that hashes passwords and nothing else, one at a time, and yields to whoever has something else to do.
import { argon2Sync } from 'node:crypto';
import { getPriority, setPriority } from 'node:os';
import { platform } from 'node:process';
import { parentPort } from 'node:worker_threads';
import type { HashingJob } from './hashing.ts';

/**
 * By which nice(2) is raised: then the thread has a third of what others get of a core that both want, and not so little that nobody gets in while
 * a machine is overloaded. On Linux it is that of the thread alone (setpriority(2), "C library/kernel differences"); elsewhere it would
 * be everybody's.
 */
const NICER = 5;
const NICEST = 19;

try {
  if (platform === 'linux') setPriority(Math.min(NICEST, getPriority() + NICER));
} catch {
  // A sandbox may forbid it: then it hashes as if it were somebody else.
}
parentPort?.on('message', ({ id, message, salt, cost, length }: HashingJob) => {
  try {
    const key = argon2Sync('argon2id', { message, nonce: salt, ...cost, tagLength: length });
    parentPort?.postMessage({ id, key: new Uint8Array(key) });
  } catch (err) {
    parentPort?.postMessage({ id, failure: err instanceof Error ? err.message : String(err) });
  }
});
