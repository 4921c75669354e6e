import { describe, expect, it } from 'vitest';
import { STATUSES, severity } from './status-rules.ts';
import { parseSort, printSort, sortRows, toggleSort } from './table-rules.ts';

describe('rows', () => {
  const values = (list: (string | number | null)[], isDescending: boolean) =>
    sortRows(list, (value) => value, isDescending);

  it('stand as people count, and what is not known stands last whichever way', () => {
    expect(values(['Hall 10', 'hall 2', null, 'Hall 1'], false)).toEqual(['Hall 1', 'hall 2', 'Hall 10', null]);
    expect(values([2, null, 10], true)).toEqual([10, 2, null]);
  });

  it('that are alike keep their order', () => {
    const rows = [
      { at: 1, id: 'a' },
      { at: 1, id: 'b' },
    ];
    expect(sortRows(rows, ({ at }) => at, true)).toEqual(rows);
  });
});

describe('the sort', () => {
  const fallback = { by: 'status', isDescending: false };

  it('is read from the address, where that names a column', () => {
    expect(parseSort('-name', ['name'], fallback)).toEqual({ by: 'name', isDescending: true });
    expect(parseSort('size', ['name'], fallback)).toBe(fallback);
    expect(parseSort(null, ['name'], fallback)).toBe(fallback);
  });

  it('turns round at a second press', () => {
    const once = toggleSort(fallback, 'name');
    expect([printSort(once), printSort(toggleSort(once, 'name'))]).toEqual(['name', '-name']);
  });
});

it('puts what needs a person first', () => {
  expect(STATUSES.map(severity)).toEqual([0, 1, 2, 3]);
  expect(severity('OFFLINE')).toBeLessThan(severity('ONLINE'));
});
