import { callerError } from '@wheelhouse/kit/errors.ts';
import { areaOf } from '@wheelhouse/kit/identity.ts';
import { type CalendarStep, checkTimeZone, cutByCalendar } from '../calendar.ts';
import type { Context } from '../context.ts';
import { type Counting, DEFAULT_COUNTING, onlineRatio } from '../counting.ts';
import type {
  Availability,
  AvailabilityCounting,
  AvailabilityFilter,
  Maybe,
  QueryResolvers,
} from '../generated/types.ts';
import { listAtSites } from '../store/standing.ts';
import {
  countGroups,
  type GroupBy,
  readStatusTime,
  type StatusTimeFilter,
  type StatusTimeRow,
} from '../store/status-time.ts';
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

/** The filter, narrowed to the devices whose past the caller may see. */
async function narrowed({ db, identity, maySeePast }: Context, filter: StatusTimeFilter): Promise<StatusTimeFilter> {
  const area = areaOf(identity, 'history:read');
  if (area === 'everywhere') return filter;
  const { deviceIds } = filter;
  return { ...filter, deviceIds: deviceIds ? await maySeePast.only(deviceIds) : await listAtSites(db, area) };
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

type Question = { parts: Span[]; span: Span; groupBy: GroupBy; filter: StatusTimeFilter };

/** @throws BAD_USER_INPUT when the request asks for more rows than one answer has, this question's among them */
async function readRows({ db, now, availabilities }: Context, question: Question): Promise<StatusTimeRow[]> {
  const { parts, groupBy } = question;
  const groups = await countGroups(db, question);
  availabilities.rows += groups * parts.length;
  if (availabilities.rows > MAX_ROWS) {
    const besides = availabilities.rows > groups * parts.length ? ', with what the request asks for besides,' : '';
    const message = `${groups} groups in ${parts.length} steps are${besides} more than ${MAX_ROWS}: narrow filter, or take longer steps`;
    throw callerError('BAD_USER_INPUT', message, groups > MAX_ROWS ? 'groupBy' : 'step');
  }
  return readStatusTime(db, { ...question, groupBy, now: now() });
}

export const availabilityQueries: Pick<QueryResolvers, 'availability'> = {
  availability: async (_parent, { from, to, groupBy, step, timeZone, filter, counting }, context) => {
    const span = checkSpan({ from, to });
    const parts = partsOf(span, step, timeZone);
    const question = { parts, span, groupBy, filter: await narrowed(context, checkFilter(filter)) };
    const reading = context.availabilities.last.then(() => readRows(context, question));
    // The next one waits for this one, whatever comes of it.
    context.availabilities.last = reading.catch(() => {});
    const rows = await reading;
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
