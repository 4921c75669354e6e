import { stampOf } from '@wheelhouse/kit/actor.ts';
import { requireEverywhere } from '@wheelhouse/kit/area.ts';
import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { callerError } from '@wheelhouse/kit/errors.ts';
import { sealByHand } from '../archive.ts';
import type { MutationResolvers, QueryResolvers, Resolvers } from '../generated/types.ts';
import { archivedBefore, type Day, dayOf, startOf } from '../rules.ts';
import { findArchivedDay, listArchivedDays, listMetrics } from '../store/archive-days.ts';
import { isAskable } from '../time-range.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The day behind a cursor of the list; null for none. @throws CURSOR_INVALID */
function decodeDay(after: string | null | undefined): Day | null {
  const [day] = decodeKey(after, 1) ?? [];
  if (day === undefined) return null;
  // Date makes March 2 of February 30.
  const isDay = DAY.test(day) && isAskable(Date.parse(day)) && dayOf(startOf(day)) === day;
  if (isDay) return day;
  throw callerError('CURSOR_INVALID', 'after is not a cursor of this list', 'after');
}

export const archiveTypes: Pick<Resolvers, 'ArchivedDay'> = {
  ArchivedDay: { samples: ({ byService }) => byService.reduce((total, { samples }) => total + samples, 0) },
};

export const archiveQueries: Pick<QueryResolvers, 'archivedDays' | 'metrics'> = {
  archivedDays: async (_parent, { first, after }, { db, now, identity }) => {
    // Days are counted over all sites.
    requireEverywhere(identity, 'history:read', 'archivedDays');
    const size = pageSize(first);
    const before = decodeDay(after) ?? dayOf(archivedBefore(now()));
    const days = await listArchivedDays(db, { before, limit: size + 1 });
    return pageOf(days, size, ({ day }) => encodeKey([day]));
  },
  metrics: (_parent, _args, { db }) => listMetrics(db),
};

export const archiveMutations: MutationResolvers = {
  sealArchivedDay: async (_parent, { input }, { db, now, identity }) => {
    requireEverywhere(identity, 'estate:write', 'sealArchivedDay');
    // The scalar has parsed it: a day of the calendar, as text.
    const day = String(input.day);
    const fault = await sealByHand(db, { day, reason: input.reason }, stampOf(identity, now()));
    return fault === null ? { day: await findArchivedDay(db, day), userErrors: [] } : { userErrors: [fault] };
  },
};
