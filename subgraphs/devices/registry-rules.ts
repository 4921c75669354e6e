import { z } from 'zod';
import { type DeviceSystemStub, findSystem, systems } from './system.ts';
import { isTimeZone } from './time-zone.ts';

/** A mistake in what a caller wants to have in the registry. */
export type Fault = {
  path: (string | number)[];
  code: 'INVALID' | 'NOT_FOUND' | 'DUPLICATE' | 'CONFLICT' | 'FORBIDDEN';
  message: string;
};

/** A registry entry as wanted, checked and not yet split into public and secret parts. */
export type WantedEntry = {
  name: string;
  site: string;
  tags: string[];
  parentIds: string[];
  stub: DeviceSystemStub;
  connection: Record<string, unknown>;
};

const MAX_SITE_PARTS = 8;
/** As many faults of one input as anybody reads at once. */
const MAX_FAULTS = 50;
const SITE_PART = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

const sitePath = z
  .string()
  .max(200, 'must have at most 200 characters')
  .refine(
    (path) => path.split('/', MAX_SITE_PARTS + 1).length <= MAX_SITE_PARTS,
    `must have at most ${MAX_SITE_PARTS} parts`,
  )
  .refine(
    (path) => path.split('/', MAX_SITE_PARTS + 1).every((part) => SITE_PART.test(part)),
    'must be a path such as museum/hall-2: parts of letters, digits, dots, dashes and underscores, with slashes in between',
  );

/** A line of text for people. */
export const atMost = (characters: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(characters, `must have at most ${characters} characters`)
    .refine(
      (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
      'must be well-formed text without control characters',
    );

const timeZone = z
  .string()
  .refine(isTimeZone, 'must be an IANA time zone such as Africa/Cairo')
  .nullish()
  .transform((zone) => zone ?? null);

export const siteShape = z.strictObject({ path: sitePath, timeZone });

const connectionFields = Object.fromEntries(
  systems.map((stub) => [stub.connectionField, z.record(z.string(), z.unknown()).nullish()]),
);

export const entryShape = z.strictObject({
  name: atMost(120),
  system: z.enum(
    systems.map((stub) => stub.system),
    {
      error: ({ input }) =>
        input === undefined ? 'is needed' : `must be one of ${systems.map((stub) => stub.system).join(', ')}`,
    },
  ),
  site: sitePath,
  tags: z
    .array(atMost(60))
    .max(50, 'must have at most 50 items')
    .nullish()
    .transform((tags) => [...new Set(tags ?? [])].sort()),
  parentIds: z
    .array(z.string())
    .max(20, 'must have at most 20 items')
    .nullish()
    .transform((ids) => [...new Set(ids ?? [])]),
  ...connectionFields,
});

function saidOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return `must be of type ${issue.expected === 'record' ? 'object' : issue.expected}`;
  // Where the shape has words of its own they name the values already.
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid'))
    return `must be one of ${issue.values.join(', ')}`;
  return issue.message;
}

/** What zod found, in our words, the first 50 at most: the last part of the path begins the sentence. */
export function faultsOf(error: z.ZodError, prefix: readonly (string | number)[]): Fault[] {
  const faults = error.issues.slice(0, MAX_FAULTS).flatMap((issue): Fault[] => {
    const path = [...prefix, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))];
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...path, key], code: 'INVALID', message: `${key} is not known here` }));
    }
    const name = path.findLast((part) => typeof part === 'string') ?? 'the value';
    const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined');
    return [{ path, code: 'INVALID', message: `${name} ${isMissing ? 'is needed' : saidOf(issue)}` }];
  });
  return faults.slice(0, MAX_FAULTS);
}

const withoutNulls = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));

/** Checks the connection of a system. */
export function checkConnection(
  stub: DeviceSystemStub,
  fields: Record<string, unknown>,
  prefix: readonly (string | number)[],
): { connection: Record<string, unknown> } | { faults: Fault[] } {
  const parsed = stub.connection.safeParse(withoutNulls(fields));
  return parsed.success
    ? { connection: parsed.data }
    : { faults: faultsOf(parsed.error, [...prefix, stub.connectionField]) };
}

/** Faults of the connections of an entry whose system is not known, each by the rules of the system it belongs to. */
function connectionFaults(input: unknown, prefix: readonly (string | number)[]): Fault[] {
  const given = z.record(z.string(), z.unknown()).safeParse(input);
  return systems.flatMap((stub): Fault[] => {
    const fields = z.record(z.string(), z.unknown()).safeParse(given.data?.[stub.connectionField]);
    const checked = fields.success ? checkConnection(stub, fields.data, prefix) : { faults: [] };
    return 'faults' in checked ? checked.faults : [];
  });
}

/** Faults of connections that are given for a device of another system. */
export const otherConnections = (
  stub: DeviceSystemStub,
  given: Readonly<Record<string, unknown>>,
  prefix: readonly (string | number)[],
): Fault[] =>
  systems
    .filter((other) => other !== stub && given[other.connectionField])
    .map(({ connectionField }) => {
      const message = `${connectionField} is not how a device of ${stub.system} is reached: give ${stub.connectionField}`;
      return { path: [...prefix, connectionField], code: 'INVALID', message };
    });

/** Checks a whole entry: all faults at once, each with its path below `prefix`. */
export function checkEntry(
  input: unknown,
  prefix: readonly (string | number)[],
): { entry: WantedEntry } | { faults: Fault[] } {
  const parsed = entryShape.safeParse(input);
  const given = z.looseObject({ system: z.string() }).safeParse(input);
  const stub = given.success ? findSystem(given.data.system) : undefined;
  const faults = parsed.success ? [] : faultsOf(parsed.error, prefix);
  if (stub === undefined || !given.success) return { faults: [...faults, ...connectionFaults(input, prefix)] };
  faults.push(...otherConnections(stub, given.data, prefix));
  const connectionGiven = given.data[stub.connectionField];
  if (connectionGiven === undefined || connectionGiven === null) {
    const message = `${stub.connectionField} is needed: it says how the device is reached`;
    return { faults: [...faults, { path: [...prefix, stub.connectionField], code: 'INVALID', message }] };
  }
  const fields = z.record(z.string(), z.unknown()).safeParse(connectionGiven);
  // The shape of the whole has found that fault.
  if (!fields.success) return { faults };
  const checked = checkConnection(stub, fields.data, prefix);
  if ('faults' in checked) return { faults: [...faults, ...checked.faults] };
  if (!parsed.success || faults.length > 0) return { faults };
  const { name, site, tags, parentIds } = parsed.data;
  return { entry: { name, site, tags, parentIds, stub, connection: checked.connection } };
}

/** The ids of a circle in these child-to-parents edges, or null when there is none. */
export function findCycle(parents: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const open = new Set<string>();
  // Its own stack: an estate may nest deeper than the call stack.
  for (const start of parents.keys()) {
    const stack: { id: string; leaving: boolean }[] = [{ id: start, leaving: false }];
    for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
      if (step.leaving) {
        open.delete(step.id);
        done.add(step.id);
      } else if (open.has(step.id)) {
        // What is open is the way from the start to here, in order.
        const way = [...open];
        return way.slice(way.indexOf(step.id));
      } else if (!done.has(step.id)) {
        open.add(step.id);
        stack.push({ id: step.id, leaving: true });
        for (const parent of parents.get(step.id) ?? []) stack.push({ id: parent, leaving: false });
      }
    }
  }
  return null;
}
