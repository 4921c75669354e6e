import { readFile } from 'node:fs/promises';
import { type Path, type Place, pathText, readPlacedYaml } from '@wheelhouse/kit/placed-yaml.ts';
import { z } from 'zod';

const IMPORT_LIMIT_MS = 60_000;

export type EstateFault = { path: Path; message: string };

/** An estate file as read: its content, and the place of each of its parts. */
export type Estate = {
  content: unknown;
  /** `file:line:column` of what stands at `path`, or of the nearest part above it that is in the file. */
  placeOf: (path: Path) => string;
};

/** Raised for an estate that can't be taken over; `message` has all faults, one a line, each with its place. */
export class EstateError extends Error {
  readonly code = 'ESTATE_INVALID';
}

const faultyFile = (file: string, lines: readonly string[]): EstateError =>
  new EstateError(
    `The estate file ${file} has ${lines.length === 1 ? 'a fault' : `${lines.length} faults`}:\n${lines.join('\n')}`,
  );

/** Reads an estate file. @throws EstateError when it can't be read or is not YAML */
export async function readEstateFile(file: string): Promise<Estate> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (err) {
    throw new EstateError(`The estate file ${file} can't be read: ${err instanceof Error ? err.message : err}`);
  }
  return parseEstate(file, text);
}

export function parseEstate(file: string, text: string): Estate {
  const read = readPlacedYaml(text);
  const placed = ({ line, column }: Place): string => `${file}:${line}:${column}`;
  if ('faults' in read) {
    throw faultyFile(
      file,
      read.faults.map((fault) => `  ${placed(fault)}: ${fault.message}`),
    );
  }
  return { content: read.content, placeOf: (path) => placed(read.placeOf(path)) };
}

const describeFault = ({ path, message }: EstateFault): string =>
  path.length > 0 ? `${pathText(path)}: ${message}` : message;

/** The order of the file: its lines compare as numbers, `9:5` before `23:12`. */
const byPlace = new Intl.Collator('en', { numeric: true }).compare;

const importedShape = z.object({ added: z.number(), updated: z.number(), unchanged: z.number() });
const refusedShape = z.object({
  faults: z.array(z.object({ path: z.array(z.union([z.string(), z.number()])), message: z.string() })),
});
export type ImportCounts = z.infer<typeof importedShape>;

export type ImportOptions = { devicesUrl: string; serviceToken: string; content: unknown };

async function postEstate({ devicesUrl, serviceToken, content }: ImportOptions): Promise<ImportCounts | EstateFault[]> {
  const response = await fetch(new URL('/service/estate', devicesUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${serviceToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(content),
    signal: AbortSignal.timeout(IMPORT_LIMIT_MS),
  });
  const answer: unknown = await response.json();
  if (response.status === 422) return refusedShape.parse(answer).faults;
  if (response.ok) return importedShape.parse(answer);
  throw new Error(`The devices service answered the estate with status ${response.status}; see the server's log`);
}

/**
 * Brings the registry to what an estate file says: all of it, or nothing.
 *
 * @throws EstateError with every fault at its place in the file
 */
export async function importEstateFile(
  file: string,
  estate: Estate,
  where: Omit<ImportOptions, 'content'>,
): Promise<ImportCounts> {
  const outcome = await postEstate({ ...where, content: estate.content });
  if (!Array.isArray(outcome)) return outcome;
  const lines = outcome.map((fault) => `  ${estate.placeOf(fault.path)}: ${describeFault(fault)}`);
  throw faultyFile(file, lines.sort(byPlace));
}

/** Takes over the estate that the simulators describe. */
export async function importSimulatedEstate(options: ImportOptions): Promise<ImportCounts> {
  const outcome = await postEstate(options);
  if (!Array.isArray(outcome)) return outcome;
  const faults = outcome.map((fault) => `  ${describeFault(fault)}`);
  throw new EstateError(`The simulated estate was refused:\n${faults.join('\n')}`);
}
