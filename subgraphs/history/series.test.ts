import { expect, it } from 'vitest';
import { startOfStep } from './series.ts';

it.each([
  ['HOUR', '2028-02-29T23:59:59.999Z', '2028-02-29T23:00:00Z'],
  ['DAY', '2028-02-29T23:59:59.999Z', '2028-02-29T00:00:00Z'],
  ['DAY', '2028-03-01T00:00:00Z', '2028-03-01T00:00:00Z'],
  ['WEEK', '2026-11-22T23:59:59.999Z', '2026-11-16T00:00:00Z'],
  ['WEEK', '2026-11-23T00:00:00Z', '2026-11-23T00:00:00Z'],
  ['WEEK', '1970-01-01T00:00:00Z', '1969-12-29T00:00:00Z'],
  ['MONTH', '2028-02-29T23:59:59.999Z', '2028-02-01T00:00:00Z'],
  ['MONTH', '2027-12-31T23:59:59.999Z', '2027-12-01T00:00:00Z'],
] as const)('the %s that holds %s begins at %s', (step, at, begins) => {
  expect(new Date(startOfStep(step, Date.parse(at)))).toEqual(new Date(begins));
});
