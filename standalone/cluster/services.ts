import type { Child } from '../child.ts';
import type { PlannedService } from './plan.ts';
import { containerEnvironment, openErrand, superviseReplica } from './replica.ts';
import type { StoresOptions } from './stores.ts';

/** How many services must have started before this one can. */
function depthOf(service: PlannedService, all: ReadonlyMap<string, PlannedService>): number {
  const below = service.dependsOn.flatMap(({ name }) => all.get(name) ?? []);
  return below.length === 0 ? 0 : 1 + Math.max(...below.map((other) => depthOf(other, all)));
}

type Started = { service: PlannedService; parts: { stop: () => Promise<unknown> }[]; children: Child[] };

export type StartOptions = Pick<StoresOptions, 'workspace' | 'signal' | 'own'> & { host: string };

/** Starts our services as soon as what they depend on has started, and waits for all. */
export async function startServices(
  services: readonly PlannedService[],
  { host, workspace, signal, own }: StartOptions,
): Promise<Map<string, Child[]>> {
  const byName = new Map(services.map((service) => [service.name, service]));
  const started: Started[] = [];
  own('services', async () => {
    // Those that depend on others stop before them, as in Compose.
    for (const depth of [...new Set(services.map((service) => depthOf(service, byName)))].sort((a, b) => b - a)) {
      const level = started.filter(({ service }) => depthOf(service, byName) === depth);
      await Promise.all(level.flatMap(({ parts }) => parts.map((part) => part.stop())));
    }
  });
  const starts = new Map<string, Promise<void>>();
  const start = async (service: PlannedService): Promise<void> => {
    await Promise.all(service.dependsOn.map(({ name }) => starts.get(name)));
    signal.throwIfAborted();
    const place = (port: number) => containerEnvironment(service.environment, { host, port }, workspace.compileCache);
    const definition = service;
    if (service.isKeptRunning) {
      const children = service.listensOn.map((port, index) =>
        superviseReplica({ definition, replica: index + 1, host, port, env: place(port), workspace }),
      );
      started.push({ service, parts: children, children });
      await Promise.all(children.map((child) => child.start()));
    } else {
      const errands = service.listensOn.map((port) => openErrand({ definition, env: place(port) }));
      started.push({ service, parts: errands, children: [] });
      await Promise.all(errands.map(({ run }) => run()));
    }
  };
  const inOrder = services.toSorted((a, b) => depthOf(a, byName) - depthOf(b, byName));
  for (const service of inOrder) starts.set(service.name, start(service));
  await Promise.all(starts.values());
  return new Map(started.map(({ service, children }) => [service.name, children]));
}
