import { runMigrations } from 'bullmq';

/** Makes or updates BullMQ's own tables. `query` must run every statement on one connection. */
export async function migrateQueues(
  query: (text: string, parameters: readonly unknown[]) => Promise<unknown[]>,
): Promise<void> {
  await runMigrations({
    query: async <R>(text: string, parameters: readonly unknown[] = []) => ({
      rows: (await query(text, parameters)) as R[],
    }),
  });
}
