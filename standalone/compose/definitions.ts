import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { faultsBetween } from './faults-between.ts';
import { InterpolationError, interpolate } from './interpolate.ts';
import { type Condition, fileShape, serviceShape } from './shapes.ts';

export type HealthCheck = {
  command: string[];
  intervalMs: number;
  timeoutMs: number;
  retries: number;
  startPeriodMs: number;
};

/** A service of the compose file, as far as plain processes can play it. */
export type ServiceDefinition = {
  name: string;
  image: string;
  /** Whether the image is built from this folder: its command is then one of ours. */
  isOurs: boolean;
  /** Empty where the image has its own. */
  command: string[];
  /** Variables filled in; one whose value the file leaves to the caller, who has none, is left out. */
  environment: Record<string, string>;
  replicas: number;
  /** Whether it is started again when it ends. */
  isKeptRunning: boolean;
  dependsOn: { name: string; condition: Condition }[];
  healthCheck: HealthCheck | null;
  ports: { host: string; first: number; last: number; inside: number }[];
};

/** Raised for a compose file that can't be played; `message` has all faults, one a line, each with its place. */
export class ComposeFileError extends Error {
  readonly code = 'COMPOSE_FILE_INVALID';
}

/** What is wrong, with its place before it. */
export type Fault = string;

/** Fills in variables in every text below `value`. */
function interpolateAll(value: unknown, place: string, variables: NodeJS.ProcessEnv, faults: Fault[]): unknown {
  if (typeof value === 'string') {
    try {
      return interpolate(value, variables);
    } catch (err) {
      if (!(err instanceof InterpolationError)) throw err;
      faults.push(`${place}: ${err.message}`);
      return '';
    }
  }
  if (Array.isArray(value))
    return value.map((item, index) => interpolateAll(item, `${place}[${index}]`, variables, faults));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolateAll(item, `${place}.${key}`, variables, faults)]),
  );
}

function describeIssue(place: string, { path, ...issue }: z.core.$ZodIssue): Fault {
  const at = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  const why =
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.join(', ')}: plain processes can't play this; what they can stands in standalone/compose/shapes.ts`
      : issue.message;
  return `${place}${at}: ${why}`;
}

function toDefinition(
  name: string,
  read: z.infer<typeof serviceShape>,
  variables: NodeJS.ProcessEnv,
): ServiceDefinition {
  const environment: Record<string, string> = {};
  for (const [variable, written] of Object.entries(read.environment)) {
    const value = written ?? variables[variable];
    if (value !== undefined) environment[variable] = value;
  }
  const check = read.healthcheck;
  return {
    name,
    image: read.image,
    isOurs: read.build !== undefined,
    command: read.command ?? [],
    environment,
    replicas: read.deploy.replicas,
    isKeptRunning: read.restart !== 'no',
    dependsOn: Object.entries(read.depends_on).map(([on, condition]) => ({ name: on, condition })),
    healthCheck:
      check === undefined || 'disable' in check
        ? null
        : {
            command: check.test.slice(1),
            intervalMs: check.interval,
            timeoutMs: check.timeout,
            retries: check.retries,
            startPeriodMs: check.start_period,
          },
    ports: read.ports,
  };
}

/**
 * Reads a compose file as far as plain processes can play it.
 *
 * @param variables what fills in `${NAME}`
 * @returns the services in the order of the file
 * @throws ComposeFileError that names every fault, of all services
 */
export function readDefinitions(file: string, text: string, variables: NodeJS.ProcessEnv): ServiceDefinition[] {
  const document = parseDocument(text, { merge: true, prettyErrors: false });
  const faults: Fault[] = document.errors.map(({ message }) => message);
  const services: ServiceDefinition[] = [];
  const content = faults.length > 0 ? { services: {} } : document.toJS({ maxAliasCount: 1_000 });
  const parsed = fileShape.safeParse(content);
  if (!parsed.success) faults.push(...parsed.error.issues.map((issue) => describeIssue('the file', issue)));
  for (const [name, block] of Object.entries(parsed.data?.services ?? {})) {
    const place = `services.${name}`;
    const read = serviceShape.safeParse(interpolateAll(block, place, variables, faults));
    if (read.success) services.push(toDefinition(name, read.data, variables));
    else faults.push(...read.error.issues.map((issue) => describeIssue(place, issue)));
  }
  if (faults.length === 0) faults.push(...faultsBetween(services));
  if (faults.length === 0) return services;
  throw new ComposeFileError(
    `${file} can't be played by plain processes:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
  );
}
