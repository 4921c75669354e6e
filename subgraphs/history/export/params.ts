import { dateTime } from '@wheelhouse/kit/scalars.ts';
import { GraphQLError } from 'graphql';
import { DAY_MS, isAskable } from '../time-range.ts';

export const EXPORT_PATH = '/export/history';

const SAMPLE_STEPS = ['HOUR', 'DAY'] as const;
const AVAILABILITY_STEPS = ['DAY', 'WEEK', 'MONTH'] as const;
const FORMATS = ['csv', 'ndjson'] as const;

export type ExportFormat = (typeof FORMATS)[number];
type Kind =
  | { kind: 'samples'; step: (typeof SAMPLE_STEPS)[number] }
  | { kind: 'availability'; step: (typeof AVAILABILITY_STEPS)[number] };

/** What is asked for, whoever asks. */
export type Export = Kind & {
  from: Date;
  /** This instant belongs to the export no more. */
  to: Date;
  format: ExportFormat;
  /** Null where nothing was asked for: all of them. */
  deviceIds: string[] | null;
  sites: string[] | null;
  systems: string[] | null;
  metrics: string[] | null;
};

/** What the caller has to mend; `parameter` null: it is the header Accept. */
export class ExportRefusedError extends Error {
  readonly parameter: string | null;
  readonly status: number;
  constructor(parameter: string | null, message: string, status = 400) {
    super(message);
    this.parameter = parameter;
    this.status = status;
  }
}

const MAX_DAYS = 400;
const MAX_VALUES = 1_000;
const MAX_CHARACTERS = 500;

const ONCE = ['kind', 'from', 'to', 'step', 'format'];
const MANY = ['device', 'site', 'system', 'metric'];

const refuse = (parameter: string, message: string): never => {
  throw new ExportRefusedError(parameter, `${parameter} ${message}`);
};

function oneOf<Value extends string>(
  params: URLSearchParams,
  name: string,
  values: readonly Value[],
  otherwise: Value,
  about = '',
): Value {
  const given = params.get(name);
  return given === null
    ? otherwise
    : (values.find((value) => value === given) ?? refuse(name, `must be ${values.join(' or ')}${about}`));
}

function instantOf(params: URLSearchParams, name: string): Date {
  const given = params.get(name);
  if (given === null) return refuse(name, 'must be given: RFC 3339 text with a zone, such as 2026-11-22T08:15:00Z');
  try {
    // In a query string a "+" that was not encoded is a space.
    const at = dateTime.parseValue(given.replace(/ (?=\d\d:\d\d$)/, '+'));
    return isAskable(at.getTime()) ? at : refuse(name, 'must lie in the years 1970 to 2999');
  } catch (err) {
    if (err instanceof GraphQLError) return refuse(name, `is no time. ${err.message}`);
    throw err;
  }
}

function listOf(params: URLSearchParams, name: string): string[] | null {
  const given = params.getAll(name);
  if (given.length > MAX_VALUES) refuse(name, `may be given ${MAX_VALUES} times at most`);
  for (const value of given) {
    if (value === '') refuse(name, 'must not be empty');
    if (value.length > MAX_CHARACTERS) refuse(name, `must have at most ${MAX_CHARACTERS} characters`);
    if (value.includes('\0') || !value.isWellFormed()) refuse(name, 'holds characters that no text has');
  }
  return given.length === 0 ? null : [...new Set(given)];
}

/** The format by the parameter, else by what the caller accepts, CSV first. */
function formatOf(params: URLSearchParams, accept: string | undefined): ExportFormat {
  if (params.has('format')) return oneOf(params, 'format', FORMATS, 'csv');
  const accepted = (accept ?? '*/*').split(',').map((part) => (part.split(';', 1)[0] ?? '').trim().toLowerCase());
  if (accepted.some((type) => ['text/csv', 'text/*', '*/*', ''].includes(type))) return 'csv';
  if (accepted.some((type) => ['application/x-ndjson', 'application/*'].includes(type))) return 'ndjson';
  throw new ExportRefusedError(null, 'Accept must allow text/csv or application/x-ndjson', 406);
}

function kindOf(params: URLSearchParams): Kind {
  const kind = oneOf(params, 'kind', ['samples', 'availability'], 'samples');
  const about = ` for ${kind}`;
  if (kind === 'samples') return { kind, step: oneOf(params, 'step', SAMPLE_STEPS, 'HOUR', about) };
  if (params.has('metric')) refuse('metric', 'is for samples: availability has none');
  return { kind, step: oneOf(params, 'step', AVAILABILITY_STEPS, 'DAY', about) };
}

/** What an export is asked for. @throws ExportRefusedError that names the parameter and its limit */
export function parseExport(params: URLSearchParams, accept: string | undefined): Export {
  for (const name of new Set(params.keys())) {
    if (![...ONCE, ...MANY].includes(name))
      throw new ExportRefusedError(
        name.slice(0, MAX_CHARACTERS),
        `there is no parameter of that name; there are ${[...ONCE, ...MANY].join(', ')}`,
      );
    if (ONCE.includes(name) && params.getAll(name).length > 1) refuse(name, 'must be given once');
  }
  const kind = kindOf(params);
  const [from, to] = [instantOf(params, 'from'), instantOf(params, 'to')];
  if (from >= to) refuse('from', 'must lie before to');
  if (to.getTime() - from.getTime() > MAX_DAYS * DAY_MS) refuse('to', `must lie at most ${MAX_DAYS} days behind from`);
  return {
    ...kind,
    ...{ from, to },
    format: formatOf(params, accept),
    deviceIds: listOf(params, 'device'),
    sites: listOf(params, 'site'),
    systems: listOf(params, 'system'),
    metrics: listOf(params, 'metric'),
  };
}
