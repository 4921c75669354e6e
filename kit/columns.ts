import { timestamp } from 'drizzle-orm/pg-core';

/** A column for an instant, to the millisecond as JavaScript's dates have it: one with microseconds would not be found again by its own date. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, precision: 3 });
