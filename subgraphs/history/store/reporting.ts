import type { Queryable } from '@wheelhouse/kit/database.ts';
import { sql } from 'drizzle-orm';

/** Puts services that have come since into the views for analysts (schema `reporting`, made by a migration). */
export const refreshReporting = async (db: Queryable): Promise<void> => {
  await db.execute(sql`select history.refresh_reporting()`);
};
