import { boolean, integer, jsonb, pgSchema, text } from 'drizzle-orm/pg-core';
import { createTestDatabase } from '../../tests/database.ts';
import { type DatabaseHandle, openDatabase } from '../database.ts';
import { type FeedCopy, type FeedItem, feedCursorsTable } from '../feed-copy.ts';

const schema = pgSchema('testing');
export const cursors = feedCursorsTable(schema);
export const recipes = schema.table('recipes', {
  recipeId: text('recipe_id').primaryKey(),
  version: integer().notNull(),
  removed: boolean().notNull(),
  bakesFor: text('bakes_for').notNull(),
  parts: jsonb().$type<Record<string, unknown>>().notNull(),
  secret: text(),
});
export const copy: FeedCopy = { feed: 'recipes', cursors, entries: recipes, id: recipes.recipeId };

export type RecipeItem = FeedItem & Omit<typeof recipes.$inferInsert, 'recipeId'>;

/** A database with a copy of a feed, which has nothing yet. */
export async function openFeedCopy(): Promise<DatabaseHandle> {
  const database = await createTestDatabase();
  const handle = openDatabase(database.url);
  await handle.sql.unsafe('create schema testing');
  await handle.sql.unsafe('create table testing.feed_cursors (feed text primary key, cursor text not null)');
  await handle.sql.unsafe(`create table testing.recipes (recipe_id text primary key, version integer not null,
    removed boolean not null, bakes_for text not null, parts jsonb not null, secret text)`);
  return {
    ...handle,
    close: async () => {
      await handle.close();
      await database.drop();
    },
  };
}
