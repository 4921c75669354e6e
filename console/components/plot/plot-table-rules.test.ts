import { expect, it } from 'vitest';
import { tableRows, tableText } from './plot-table-rules.ts';

const point = (fromMs: number, value: number | null) => ({ fromMs, toMs: fromMs + 1, value, min: value, max: value });

it('has a row for each step in which any series has a value, the newest first', () => {
  expect(
    tableRows([
      [point(0, 1), point(1, null), point(2, 3)],
      [point(2, 0), point(1, null)],
    ]),
  ).toEqual([
    { fromMs: 2, values: [3, 0] },
    { fromMs: 0, values: [1, null] },
  ]);
  expect(tableRows([])).toEqual([]);
});

it('is text between tabs, in which a gap is empty and no head breaks a line', () => {
  expect(tableText('Time', ['a\tb', 'c\nd'], [{ fromMs: 0, values: [1.25, null] }])).toBe(
    'Time\ta b\tc d\n1970-01-01T00:00:00.000Z\t1.25\t',
  );
});
