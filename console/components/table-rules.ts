/** By which column a table is sorted. */
export type Sort = { by: string; isDescending: boolean };

/** What a row is sorted by; null stands last, whichever way. */
export type SortValue = string | number | null;

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The rows in the order of `sortValueOf`; rows that are alike keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  sortValueOf: (row: Row) => SortValue,
  isDescending: boolean,
): Row[] {
  const sign = isDescending ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [sortValueOf(left), sortValueOf(right)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b);
    return sign * collator.compare(String(a), String(b));
  });
}

/** The sort as it stands in an address: `name`, or `-name` for descending. */
export const printSort = ({ by, isDescending }: Sort): string => `${isDescending ? '-' : ''}${by}`;

/** What an address says, where it names one of these columns; otherwise `fallback`. */
export function parseSort(text: string | null, columns: readonly string[], fallback: Sort): Sort {
  const isDescending = text?.startsWith('-') === true;
  const by = isDescending ? text.slice(1) : (text ?? '');
  return columns.includes(by) ? { by, isDescending } : fallback;
}

/** What a press on a column's head makes of the sort: another column ascending, the same one the other way round. */
export const toggleSort = (sort: Sort, by: string): Sort => ({
  by,
  isDescending: sort.by === by && !sort.isDescending,
});
