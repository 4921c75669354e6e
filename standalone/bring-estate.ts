import { join } from 'node:path';
import { environment } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';
import { type Estate, importEstateFile, importSimulatedEstate } from './estate.ts';
import type { ProgramRun } from './program.ts';
import { programFile, type Workspace } from './workspace.ts';

const simulatorsShape = z.object({ controlUrl: z.string(), estate: z.unknown() });

export type BringOptions = Pick<ProgramRun, 'terminal' | 'own'> & {
  workspace: Workspace;
  /** The estate file; null: the simulated museum. */
  estate: { file: string; estate: Estate } | null;
  devicesUrl: string;
  /** Arguments of the simulators, besides their own. */
  simulatorArgs: readonly string[];
};

/** Brings the registry to what the estate file says, or to the museum that it starts. @returns where the museum is played with */
export async function bringEstate(options: BringOptions): Promise<{ simulatorsUrl: string | null }> {
  const { workspace, devicesUrl, terminal, own } = options;
  const where = { devicesUrl, serviceToken: workspace.secrets.serviceToken };
  if (options.estate !== null) {
    const { file, estate } = options.estate;
    const { added, updated, unchanged } = await importEstateFile(file, estate, where);
    terminal.say(`The estate file ${file}: ${added} devices added, ${updated} updated, ${unchanged} unchanged.`);
    return { simulatorsUrl: null };
  }
  const simulators = workspace.supervise({
    name: 'simulators',
    args: [
      ...[programFile('simulators/main.ts'), '--state', join(workspace.folder, 'simulators.json')],
      ...options.simulatorArgs,
    ],
    env: { ...environment, NODE_COMPILE_CACHE: workspace.compileCache },
  });
  own('simulators', simulators.stop);
  const { controlUrl, estate } = simulatorsShape.parse(
    await terminal.step('Starting the simulated museum', simulators.start),
  );
  await importSimulatedEstate({ ...where, content: estate });
  return { simulatorsUrl: controlUrl };
}
