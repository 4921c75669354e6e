import DataLoader from 'dataloader';

/**
 * A loader of rows by their ids, with one statement for all keys of a turn; null for an id without a row. Nothing is kept: a mutation
 * changes rows in the midst of a request, and events of one subscription come over hours.
 *
 * @param find the rows with these ids, in any order
 */
export const rowLoader = <Row>(
  find: (ids: readonly string[]) => Promise<readonly Row[]>,
  idOf: (row: Row) => string,
): DataLoader<string, Row | null> =>
  new DataLoader<string, Row | null>(
    async (ids) => {
      const rows = new Map((await find(ids)).map((row) => [idOf(row), row]));
      return ids.map((id) => rows.get(id) ?? null);
    },
    { cache: false },
  );
