import type { Fault, ServiceDefinition } from './definitions.ts';

/** Faults that only the services together show. */
export function faultsBetween(services: readonly ServiceDefinition[]): Fault[] {
  const faults: Fault[] = [];
  const byName = new Map(services.map((service) => [service.name, service]));
  const isAwaitedToEnd = (name: string): boolean =>
    services.some(({ dependsOn }) =>
      dependsOn.some((on) => on.name === name && on.condition === 'service_completed_successfully'),
    );
  for (const { name, command, dependsOn, isOurs, isKeptRunning } of services) {
    const place = `services.${name}`;
    if (isOurs && command.length === 0)
      faults.push(`${place}.command: is missing, and without it nothing says what to run`);
    if (isKeptRunning === isAwaitedToEnd(name)) {
      faults.push(
        isKeptRunning
          ? `${place}.restart: must be "no", since others wait until it has ended`
          : `${place}.restart: must be "always" or "unless-stopped", since nobody waits for its end`,
      );
    }
    for (const on of dependsOn) {
      const found = byName.get(on.name);
      if (found === undefined) faults.push(`${place}.depends_on.${on.name}: there is no such service`);
      else if (on.condition === 'service_healthy' && found.healthCheck === null)
        faults.push(`${place}.depends_on.${on.name}: has no healthcheck, and would never be healthy`);
    }
  }
  const reaches = (from: string, wanted: string, seen = new Set<string>()): boolean =>
    (byName.get(from)?.dependsOn ?? []).some(({ name }) => {
      if (name === wanted) return true;
      if (seen.has(name)) return false;
      seen.add(name);
      return reaches(name, wanted, seen);
    });
  const circular = services.filter(({ name }) => reaches(name, name)).map(({ name }) => name);
  if (circular.length > 0) faults.push(`services.${circular.join(', ')}: each waits for itself, by way of depends_on`);
  return faults;
}
