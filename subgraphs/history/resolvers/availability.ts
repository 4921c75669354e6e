import { callerError } from '@wheelhouse/kit/errors.ts';
import { type CalendarStep, checkTimeZone, cutByCalendar } from '../calendar.ts';
import { type Counting, DEFAULT_COUNTING, onlineRatio } from '../counting.ts';
import type {
  Availability,
  AvailabilityCounting,
  AvailabilityFilter,
  Maybe,
  QueryResolvers,
} from '../generated/types.ts';
import { countGroups, readStatusTime, type StatusTimeFilter } from '../store/status-time.ts';
import { checkSpan, DAY_MS, type Span } from '../time-range.ts';

const MAX_DAYS = 5 * 366;
const MAX_ROWS = 10_000;
const MAX_FILTER_ITEMS = 1_000;

/** @throws BAD_USER_INPUT naming a list that is too long */
function checkFilter(filter: Maybe<AvailabilityFilter>): StatusTimeFilter {
  const { ids, sites, systems } = filter ?? {};
  for (const [field, items] of Object.entries({ ids, sites, systems })) {
    if ((items?.length ?? 0) <= MAX_FILTER_ITEMS) continue;
    const message = `filter.${field} may have ${MAX_FILTER_ITEMS} items, and has ${items?.length}`;
    throw callerError('BAD_USER_INPUT', message, `filter.${field}`);
  }
  return { deviceIds: ids ?? null, sites: sites ?? null, systems: systems ?? null };
}

/** @throws BAD_USER_INPUT when the range is too long or the time zone does not exist */
function partsOf(span: Span, step: Maybe<CalendarStep>, timeZone: Maybe<string>): Span[] {
  const days = (span.toMs - span.fromMs) / DAY_MS;
  if (days > MAX_DAYS)
    throw callerError(
      'BAD_USER_INPUT',
      `from and to may lie 5 years apart, and are ${Math.ceil(days)} days apart`,
      'from',
    );
  const zone = checkTimeZone(timeZone ?? 'UTC');
  return step === null || step === undefined ? [span] : cutByCalendar(span, step, zone);
}

const countingOf = (given: Maybe<AvailabilityCounting>): Counting => ({
  degraded: given?.degraded ?? DEFAULT_COUNTING.degraded,
  unknown: given?.unknown ?? DEFAULT_COUNTING.unknown,
  blind: given?.blind ?? DEFAULT_COUNTING.blind,
  maintenance: given?.maintenance ?? DEFAULT_COUNTING.maintenance,
});

export const availabilityQueries: Pick<QueryResolvers, 'availability'> = {
  availability: async (_parent, { from, to, groupBy, step, timeZone, filter, counting }, { db, now }) => {
    const span = checkSpan({ from, to });
    const parts = partsOf(span, step, timeZone);
    const wanted = checkFilter(filter);
    const groups = await countGroups(db, { span, groupBy, filter: wanted });
    if (groups * parts.length > MAX_ROWS) {
      const message = `${groups} groups in ${parts.length} steps are more than ${MAX_ROWS}: narrow filter, or take longer steps`;
      throw callerError('BAD_USER_INPUT', message, groups > MAX_ROWS ? 'groupBy' : 'step');
    }
    const rows = await readStatusTime(db, { parts, now: now(), groupBy, filter: wanted });
    const counted = countingOf(counting);
    return rows.flatMap(({ part, ...row }): Availability[] => {
      const bounds = parts[part];
      if (bounds === undefined) return [];
      const times = { ...row, maintenanceSeconds: 0 };
      const range = { from: new Date(bounds.fromMs), to: new Date(bounds.toMs) };
      return [{ ...times, ...range, onlineRatio: onlineRatio(times, counted) }];
    });
  },
};
