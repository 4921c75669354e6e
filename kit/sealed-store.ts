import { type SQL, sql } from 'drizzle-orm';
import type { Database, Queryable } from './database.ts';

/** A column that holds sealed texts, and the primary key of its table, which is their owner. */
export type SealedColumn = { schema: string; table: string; column: string; ownerColumn: string };

export const nameOf = ({ schema, table, column }: SealedColumn): string => `${schema}.${table}.${column}`;

/** Raised for a table that keeps sealed texts in a way that does not say for whom. */
export class SealedColumnError extends Error {
  readonly code = 'SEALED_COLUMN_UNKNOWN';
}

/** Spells "seal" in ASCII. */
const ROTATION_LOCK = 0x7365616c;

/** Keeps others from changing keys in this database, for as long as this connection lasts. @returns whether nobody does */
export async function lockRotation(db: Database): Promise<boolean> {
  const [row] = await db.execute<{ locked: boolean }>(sql`select pg_try_advisory_lock(${ROTATION_LOCK}) as locked`);
  return row?.locked === true;
}

/**
 * Every column of the database that is named as kit/sealed.ts says, in the order of their names.
 *
 * @throws SealedColumnError naming a table whose primary key is not one column of text
 */
export async function findSealedColumns(db: Queryable): Promise<SealedColumn[]> {
  const rows = await db.execute<SealedColumn & { owners: string[]; ownersAreTexts: boolean }>(sql`
    select c.table_schema as "schema", c.table_name as "table", c.column_name as "column",
           coalesce(array_agg(k.column_name::text) filter (where k.column_name is not null), '{}') as "owners",
           coalesce(bool_and(o.data_type = 'text'), false) as "ownersAreTexts"
    from information_schema.columns c
    join information_schema.tables t on (t.table_schema, t.table_name) = (c.table_schema, c.table_name) and t.table_type = 'BASE TABLE'
    left join information_schema.table_constraints p
      on (p.table_schema, p.table_name) = (c.table_schema, c.table_name) and p.constraint_type = 'PRIMARY KEY'
    left join information_schema.key_column_usage k
      on (k.constraint_schema, k.constraint_name, k.table_name) = (p.constraint_schema, p.constraint_name, p.table_name)
    left join information_schema.columns o
      on (o.table_schema, o.table_name, o.column_name) = (k.table_schema, k.table_name, k.column_name)
    where c.data_type = 'text' and c.column_name ~ '(^|_)sealed$'
    group by 1, 2, 3 order by 1, 2, 3`);
  return rows.map(({ schema, table, column, owners, ownersAreTexts }) => {
    const [ownerColumn] = owners;
    if (ownerColumn === undefined || owners.length > 1 || !ownersAreTexts) {
      throw new SealedColumnError(
        `${schema}.${table}.${column} holds sealed texts, and its primary key is not one column of text: nobody knows for whom they are sealed`,
      );
    }
    return { schema, table, column, ownerColumn };
  });
}

const tableOf = ({ schema, table }: SealedColumn): SQL => sql`${sql.identifier(schema)}.${sql.identifier(table)}`;

export type SealedText = { owner: string; sealed: string };

/** The sealed texts of the column behind `after`, by owner; those without a text are left out. */
export async function readSealed(
  db: Queryable,
  column: SealedColumn,
  { after, limit }: { after: string | null; limit: number },
): Promise<SealedText[]> {
  const owner = sql.identifier(column.ownerColumn);
  const sealed = sql.identifier(column.column);
  const rows = await db.execute<SealedText>(sql`
    select ${owner} as "owner", ${sealed} as "sealed" from ${tableOf(column)}
    where ${sealed} is not null and (${after}::text is null or ${owner} > ${after}::text)
    order by ${owner} limit ${limit}`);
  return [...rows];
}

/**
 * Puts other texts in the place of those that were read. One that somebody else has changed since is left as it is.
 *
 * @returns how many were replaced
 */
export async function replaceSealed(
  db: Queryable,
  column: SealedColumn,
  texts: readonly { owner: string; was: string; becomes: string }[],
): Promise<number> {
  const sealed = sql.identifier(column.column);
  const rows = await db.execute(sql`
    update ${tableOf(column)} as held set ${sealed} = given.becomes
    from json_to_recordset(${JSON.stringify(texts)}::json) as given(owner text, was text, becomes text)
    where held.${sql.identifier(column.ownerColumn)} = given.owner and held.${sealed} = given.was
    returning 1`);
  return rows.length;
}
