import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import type { Sql } from './database.ts';

const dialect = new PgDialect();

/**
 * What a query finds, a batch at a time, fetched as it is asked for: neither PostgreSQL nor we hold more than a batch. All of it is
 * of one moment. Who asks no more (`return`) ends the query; until then it holds one of the pool's connections.
 *
 * A cursor of SQL, in a transaction: postgres.js has cursors of its own, but one whose connection is lost while nobody asks ends as if
 * there were no more rows.
 *
 * @throws Error also when the connection is lost in between: what was given until then is not all
 */
export async function* readInBatches<Row extends object>(
  client: Sql,
  query: SQL,
  batchRows: number,
): AsyncGenerator<Row[]> {
  const { sql, params } = dialect.sqlToQuery(query);
  let wish = Promise.withResolvers<'more' | 'enough'>();
  let batch = Promise.withResolvers<Row[]>();
  const reading = client.begin('read only', async (tx) => {
    await tx.unsafe(`declare batches no scroll cursor for ${sql}`, params as never[]);
    while ((await wish.promise) === 'more') {
      wish = Promise.withResolvers();
      batch.resolve(await tx.unsafe<Row[]>(`fetch ${batchRows} from batches`));
    }
  });
  // Told to who asks, now or next. Not by a race of each batch with `reading`: what is raced with a promise that lasts is kept as long
  // as it does, here all that was read.
  let end = (): void => {};
  reading.then(
    () => {
      end = () => batch.resolve([]);
      end();
    },
    (err) => {
      end = () => batch.reject(err);
      end();
    },
  );
  try {
    for (;;) {
      batch = Promise.withResolvers();
      end();
      wish.resolve('more');
      const rows = await batch.promise;
      if (rows.length === 0) break;
      yield rows;
    }
  } finally {
    wish.resolve('enough');
    await reading.catch(() => {});
  }
}
