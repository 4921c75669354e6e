import { onTestFinished } from 'vitest';
import type { CoreDefinition } from '../core.ts';
import type { DesignInput } from '../design.ts';
import { startCores } from '../start-cores.ts';
import { aDesign } from './design.ts';
import { rawClient } from './raw-client.ts';

type Options = {
  core?: Partial<CoreDefinition>;
  design?: DesignInput;
  silenceMs?: number;
};

/** One Core until the test is over. */
export async function aCore({ core: definition = {}, design = aDesign(), ...options }: Options = {}) {
  const running = await startCores([{ design, core: { name: 'Core', ...definition } }], { tickMs: 10, ...options });
  onTestFinished(running.close);
  const [core] = running.cores;
  if (core === undefined) throw new Error('no Core was started');
  return { core, client: () => rawClient(core.tcpPort) };
}

/** A redundant pair until the test is over. */
export async function aPair() {
  const running = await startCores([{ design: aDesign(), core: { name: 'Main' }, backup: { name: 'Backup' } }]);
  onTestFinished(running.close);
  const [main, backup] = running.cores;
  if (main === undefined || backup === undefined) throw new Error('no pair was started');
  return { main, backup };
}
