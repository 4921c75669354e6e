// A simulated Core whose meters move as the benchmark says. Told {rounds}, it says when each step of them was; told {awayMs}, it restarts and
// says when it was back.
import { setTimeout as sleep } from 'node:timers/promises';
import { startCores } from '@wheelhouse/simulators/qsys/start-cores.ts';
import { clockMs, design, places, ROUND_MS, STEPS, stepOf } from './design.ts';

const { cores, close } = await startCores([{ design, core: { name: 'Bench' } }]);
const [core] = cores;
if (core === undefined) throw new Error('no Core was started');
const running = core.design;
const bySteps = Map.groupBy(
  places.map(({ component, name }) => running.controlOf(component, name)),
  (_control, index) => stepOf(index),
);

async function move(rounds: number): Promise<number[]> {
  const startMs = clockMs();
  const times: number[] = [];
  while (times.length < rounds * STEPS) {
    const waitMs = startMs + (times.length * ROUND_MS) / STEPS - clockMs();
    if (waitMs > 0) await sleep(waitMs);
    const value = 1 + Math.floor(times.length / STEPS);
    const moving = bySteps.get(times.length % STEPS) ?? [];
    times.push(clockMs());
    for (const control of moving) running.happen(control, { number: value, text: '' });
  }
  return times;
}

process.on('message', (asked: { rounds?: number; awayMs?: number }) => {
  void (async () => {
    if (asked.rounds !== undefined) {
      process.send?.({ times: await move(asked.rounds) });
    } else {
      await core.restart({ awayMs: asked.awayMs ?? 0 });
      process.send?.({ backAtMs: clockMs(), sets: core.setsReceived });
    }
  })();
});
process.on('disconnect', () => void close().then(() => process.exit(0)));
process.send?.({ port: core.tcpPort });
