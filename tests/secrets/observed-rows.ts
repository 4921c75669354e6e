import postgres from 'postgres';

/** Every row that was written to a database while it was watched, jobs of queues among them. */
export type ObservedRows = {
  /** `schema.table row` of each row that was written, and of all that are there now. */
  read: (databaseUrl: string) => Promise<string[]>;
};

const connect = (url: string) => postgres(url, { max: 1, onnotice: () => {} });
const OURS = "table_schema not in ('pg_catalog', 'information_schema', 'observed')";

/** Puts a trigger on every table, which writes down what comes: of most jobs nothing is left a moment later. */
export async function observeRows(databaseUrl: string): Promise<ObservedRows> {
  const sql = connect(databaseUrl);
  try {
    await sql.unsafe(`
      create schema observed;
      create table observed.rows ("table" text not null, row text not null);
      create function observed.write() returns trigger language plpgsql as $$
        begin
          insert into observed.rows values (tg_table_schema || '.' || tg_table_name, to_jsonb(new)::text);
          return null;
        end $$;
      do $$
        declare t record;
        begin
          for t in select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' and ${OURS} loop
            execute format('create trigger observed after insert or update on %I.%I for each row execute function observed.write()',
              t.table_schema, t.table_name);
          end loop;
        end $$`);
  } finally {
    await sql.end();
  }
  return {
    async read(url) {
      const reader = connect(url);
      try {
        const written = await reader<{ table: string; row: string }[]>`select "table", row from observed.rows`;
        const tables = await reader.unsafe<{ schema: string; name: string }[]>(
          `select table_schema as schema, table_name as name from information_schema.tables where table_type = 'BASE TABLE' and ${OURS}`,
        );
        const rows = written.map(({ table, row }) => `${table} ${row}`);
        for (const { schema, name } of tables) {
          const held = await reader<
            { row: string }[]
          >`select to_jsonb(t)::text as row from ${reader(schema)}.${reader(name)} as t`;
          for (const { row } of held) rows.push(`${schema}.${name} ${row}`);
        }
        return rows;
      } finally {
        await reader.end();
      }
    },
  };
}
