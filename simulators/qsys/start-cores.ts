import { Core, type CoreDefinition } from './core.ts';
import { type DesignInput, designSchema } from './design.ts';
import { RunningDesign } from './running-design.ts';

export type { Core, CoreDefinition } from './core.ts';

export type SystemDefinition = {
  design: DesignInput;
  core: CoreDefinition;
  /** With one, the two are a redundant pair: it is on standby, and takes over when `core` goes away. */
  backup?: CoreDefinition;
};

export type SimulatedCores = {
  /** Each system's Core, and its backup after it. */
  cores: Core[];
  close: () => Promise<void>;
};

/**
 * Q-SYS Cores that speak QRC on loopback, over TCP and over a websocket.
 *
 * @param options.silenceMs how long a client may say nothing. @default 60000
 * @param options.tickMs how often ramps and meters move. @default 50
 * @param options.seed makes faults that draw at random repeat
 * @throws ZodError when a design is at fault
 */
export async function startCores(
  systems: readonly SystemDefinition[],
  options: { silenceMs?: number; tickMs?: number; seed?: number } = {},
): Promise<SimulatedCores> {
  const { silenceMs = 60_000, tickMs = 50, seed = 1 } = options;
  const cores: Core[] = [];
  const designs: RunningDesign[] = [];
  const close = async (): Promise<void> => {
    for (const design of designs) design.close();
    await Promise.all(cores.map((core) => core.close()));
  };
  const start = async (definition: CoreDefinition, design: RunningDesign): Promise<Core> => {
    const core = new Core({ definition, design, silenceMs, seed: seed + cores.length });
    cores.push(core);
    await core.open({ tcp: definition.tcpPort ?? 0, webSocket: definition.webSocketPort ?? 0 });
    return core;
  };
  try {
    for (const { design: input, core: definition, backup } of systems) {
      const design = new RunningDesign(designSchema.parse(input), { tickMs });
      designs.push(design);
      const core = await start(definition, design);
      if (backup !== undefined) core.pairWith(await start(backup, design));
    }
  } catch (err) {
    await close();
    throw err;
  }
  return { cores, close };
}
