import { describe, expect, it } from 'vitest';
import { alone, columnsOf, draggedRange, joined, nearest, plotNumber, rangeOf, summaryOf } from './plot-rules.ts';

const point = (fromMs: number, value: number | null, spread = 0) => ({
  ...{ fromMs, toMs: fromMs + 10, value },
  ...{ min: value === null ? null : value - spread, max: value === null ? null : value + spread },
});

describe('the columns of a series', () => {
  it('stand where a sample was taken, and in the middle of a step that is told as a whole', () => {
    const points = [point(0, 1, 1), point(10, null)];
    const columns = columnsOf(points, { isStepped: false, isWhole: false });
    expect(columns).toEqual([
      [0, 10],
      [2, null],
      [0, null],
      [1, null],
    ]);
    expect(columnsOf(points, { isStepped: false, isWhole: true })[0]).toEqual([5, 15]);
  });

  it('have the end of the last step where the line has steps', () => {
    expect(
      columnsOf([point(0, 1), point(10, 3)], { isStepped: true, isWhole: true }).filter(
        (_, at) => at === 0 || at === 3,
      ),
    ).toEqual([
      [0, 10, 20],
      [1, 3, 3],
    ]);
    expect(columnsOf([], { isStepped: true, isWhole: true })).toEqual([[], [], [], []]);
  });
});

it('stretches that touch or overlap are one, in their order', () => {
  expect(
    joined([
      [8, 9],
      [0, 2],
      [1, 1.5],
      [2, 4],
    ]),
  ).toEqual([
    [0, 4],
    [8, 9],
  ]);
});

it('a value without a neighbour is found, so that it is drawn as a point', () => {
  expect(alone([1, null, 2, 3, undefined, 4])).toEqual([0, 5]);
  expect(alone([])).toEqual([]);
});

it.each([
  ['no data', null, null, [0, 1]],
  ['nothing but zeros', 0, 0, [0, 1]],
  ['one value', 50, 50, [45, 55]],
  ['what is never negative', 0, 100, [0, 112]],
  ['what is negative', -100, 0, [-112, 12]],
  ['an endless value', 0, Number.POSITIVE_INFINITY, [0, 1]],
])('the axis has room for %s', (_what, min, max, range) => {
  expect(rangeOf(min, max)).toEqual(range);
});

it('a summary counts the extremes within the steps, and leaves gaps out', () => {
  expect(summaryOf([point(0, 5, 4), point(10, null), point(20, 2)])).toEqual({ min: 1, max: 9, last: 2 });
  expect(summaryOf([point(0, null)])).toBeNull();
});

it('what happened is told near its tick', () => {
  expect(nearest([10, 16, 17], (at) => at, 10)).toEqual([10, 16]);
});

describe('what was dragged over', () => {
  const least = { widthPx: 40, leastMs: 60_000 };
  it('is a range, whichever way it was dragged', () => {
    const range = { from: new Date(0), to: new Date(60_000) };
    expect([draggedRange(0, 60_000, least), draggedRange(60_000, 0, least)]).toEqual([range, range]);
  });
  it('is none where the mouse only slipped, or where less than a minute is left', () => {
    expect(draggedRange(0, 60_000, { ...least, widthPx: 3 })).toBeNull();
    expect(draggedRange(0, 59_999, least)).toBeNull();
  });
});

it.each([
  [0, '0'],
  [1204, '1,204'],
  [100.26, '100.3'],
  [31.256, '31.26'],
  [0.00123, '0.0012'],
  [-42, '-42'],
])('%d reads %s', (value, text) => expect(plotNumber(value)).toBe(text));
