import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { paceOf } from '@wheelhouse/kit/sweep.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWheelhouse, type Wheelhouse } from './harness.ts';

const DISPLAYS = 1_000;
const SILENT_PERCENT = 10;
const SWEEP_SECONDS = 15;
const SWEEPS = 3;
const LATENESS_LIMIT_MS = 1_000;

describe(`${DISPLAYS} displays, ${SILENT_PERCENT} % of them silent`, () => {
  let folder: string;
  let simulators: ChildProcess;
  let wheelhouse: Wheelhouse;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-load-'));
    const options = [
      '--count',
      `${DISPLAYS}`,
      '--silent-percent',
      `${SILENT_PERCENT}`,
      '--no-story',
      '--state',
      join(folder, 'state.json'),
    ];
    simulators = fork(fileURLToPath(new URL('../simulators/main.ts', import.meta.url)), options, { stdio: 'ignore' });
    const [{ estate }] = await once(simulators, 'message');
    wheelhouse = await startWheelhouse({ WHEELHOUSE_SWEEP_SECONDS: `${SWEEP_SECONDS}` });
    expect(await wheelhouse.importEstate(estate)).toMatchObject({ status: 200, body: { added: DISPLAYS } });
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    await wheelhouse.close();
    simulators.kill('SIGTERM');
    await once(simulators, 'exit');
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'every sweep starts on time and each display is looked at within a second of its place in the slot',
    async () => {
      const slotMs = SWEEP_SECONDS * 1_000;
      const paceMs = paceOf(DISPLAYS, slotMs);
      // Until the last place of the slot, and the two seconds after which the last silent one is given up.
      const settledMs = DISPLAYS * paceMs + 3_000;
      // The first whole slot after the targets were learnt; looks out of turn come before it.
      let slot = (Math.floor(Date.now() / slotMs) + 1) * slotMs;
      const sweeps: { startedLateMs: number; latestMs: number; answered: number; looked: number }[] = [];
      while (sweeps.length < SWEEPS) {
        await new Promise((resolve) => setTimeout(resolve, slot + settledMs - Date.now()));
        const rows = (await wheelhouse.looks()).filter((row) => row.slot.getTime() === slot);
        const latenesses = rows.map((row, index) => row.lookedAt.getTime() - (slot + index * paceMs));
        sweeps.push({
          startedLateMs: Math.min(...rows.map((row) => row.lookedAt.getTime())) - slot,
          latestMs: Math.max(...latenesses),
          answered: rows.filter((row) => row.lookProblem === null).length,
          looked: rows.length,
        });
        slot += slotMs;
      }
      for (const sweep of sweeps) {
        expect(sweep.looked).toBe(DISPLAYS);
        expect(sweep.answered).toBe(DISPLAYS - (DISPLAYS * SILENT_PERCENT) / 100);
        expect(sweep.startedLateMs).toBeLessThan(LATENESS_LIMIT_MS);
        expect(sweep.latestMs).toBeLessThan(LATENESS_LIMIT_MS);
      }
    },
    (SWEEPS + 3) * SWEEP_SECONDS * 1_000,
  );
});
