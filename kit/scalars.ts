import { GraphQLScalarType, Kind } from 'graphql';
import { callerError } from './errors.ts';

/** RFC 3339 with a zone: text without one would mean another instant on another machine. */
const RFC3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;
const SHOWN_CHARACTERS = 60;

/** Whether a month has that day: Date makes March 2 of February 30. */
const isDay = (year: number, month: number, day: number): boolean =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDate() === day;

function parseInstant(value: unknown): Date {
  const match = typeof value === 'string' ? RFC3339.exec(value) : null;
  if (match !== null && isDay(Number(match[1]), Number(match[2]), Number(match[3]))) return new Date(match[0]);
  const given = String(JSON.stringify(value)).slice(0, SHOWN_CHARACTERS);
  throw callerError(
    'BAD_USER_INPUT',
    `A DateTime is RFC 3339 text with a zone, such as 2026-11-22T08:15:00Z; got ${given}`,
  );
}

/** The resolver of the scalar DateTime: Date objects inside, RFC 3339 text in UTC outside. */
export const dateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value : parseInstant(value)).toISOString(),
  parseValue: parseInstant,
  parseLiteral: (node) => parseInstant(node.kind === Kind.STRING ? node.value : undefined),
});

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

function parseDay(value: unknown): string {
  const match = typeof value === 'string' ? DAY.exec(value) : null;
  const [day, year, month, date] = match ?? [];
  if (
    day !== undefined &&
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    isDay(Number(year), Number(month), Number(date))
  )
    return day;
  const given = String(JSON.stringify(value)).slice(0, SHOWN_CHARACTERS);
  throw callerError('BAD_USER_INPUT', `A Date is a day of the calendar such as 2026-11-22; got ${given}`);
}

/** The resolver of the scalar Date: the text 2026-11-22 inside and outside, since a day is no instant. */
export const date = new GraphQLScalarType<string, string>({
  name: 'Date',
  serialize: parseDay,
  parseValue: parseDay,
  parseLiteral: (node) => parseDay(node.kind === Kind.STRING ? node.value : undefined),
});

/** The resolver of the scalar JSON: values as they are. It is a scalar of outputs; an input has a type of its own. */
export const json = new GraphQLScalarType<unknown, unknown>({ name: 'JSON' });
