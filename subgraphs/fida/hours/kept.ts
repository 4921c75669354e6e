import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import { z } from 'zod';
import type { About, KeptSettings } from '../kept-settings.ts';
import { settingFault } from '../profiles/settable.ts';
import { checkHours } from './check.ts';
import { reckonAt } from './due.ts';
import { type Hours, NO_HOURS, WEEKDAYS } from './hours.ts';
import { findHours, saveHours } from './store.ts';
import { nextSwitching, type Switching } from './switchings.ts';
import { clockAt, dateAt, knowsTimeZone } from './time-zone.ts';

const windowShape = z.object({ on: z.string(), off: z.string() });
const valuesShape = z.object({
  hoursOfOperation: z
    .array(windowShape.extend({ weekday: z.enum(WEEKDAYS) }))
    .nullable()
    .exactOptional(),
  hoursExceptions: z
    .array(z.object({ date: z.string(), windows: z.array(windowShape) }))
    .nullable()
    .exactOptional(),
});
type Values = z.infer<typeof valuesShape>;

/** Null takes hours away, as an empty list does. */
const given = (values: SettingsValues): Values => {
  const parsed = valuesShape.parse(values);
  return Object.fromEntries(Object.entries(parsed).map(([name, list]) => [name, list ?? []]));
};

const hoursOf = ({ hoursOfOperation, hoursExceptions }: Values): Hours => ({
  weekly: hoursOfOperation ?? NO_HOURS.weekly,
  exceptions: hoursExceptions ?? NO_HOURS.exceptions,
});

const NAMES = ['hoursOfOperation', 'hoursExceptions'] as const;

/** Why a display can't be switched by hours, for people; null when it can be. */
function hindranceOf(timeZone: string, profile: About['profile']): string | null {
  if (!knowsTimeZone(timeZone)) return `the time zone of its site, ${timeZone}, is not known to this version`;
  return (profile && settingFault(profile, 'power', 'ON')?.message) ?? null;
}

function check(wanted: SettingsValues, before: SettingsValues, { timeZone, profile, now }: About) {
  const values = given(wanted);
  const hindrance = hindranceOf(timeZone, profile);
  // Taking hours away is always possible: the display may be another one by now.
  const refused = hindrance === null ? [] : NAMES.filter((name) => (values[name] ?? []).length > 0);
  if (refused.length > 0) {
    const message = `hours of operation can not be followed: ${hindrance}`;
    return { faults: refused.map((name) => ({ path: [name], code: 'NOT_SETTABLE' as const, message })) };
  }
  const today = dateAt(now, knowsTimeZone(timeZone) ? timeZone : 'UTC');
  const checked = checkHours(values, hoursOf(given(before)), { path: [], today });
  if ('faults' in checked) return { faults: checked.faults.map((fault) => ({ ...fault, code: 'INVALID' as const })) };
  const { weekly, exceptions } = checked.hours;
  return {
    values: {
      ...(values.hoursOfOperation && { hoursOfOperation: weekly }),
      ...(values.hoursExceptions && { hoursExceptions: exceptions }),
    },
  };
}

/** The two next switchings, after which the day goes on as it does. */
function effects(values: SettingsValues, before: SettingsValues, { timeZone, now }: About): string[] {
  const hours = hoursOf({ ...given(before), ...given(values) });
  const first = reckonAt(now).next(hours, timeZone);
  if (first === null) return ['its hours never switch the display'];
  const second = nextSwitching(hours, timeZone, first.at);
  const said = ({ at, power }: Switching): string =>
    `${power} on ${dateAt(at, timeZone)} at ${clockAt(at, timeZone)} (${timeZone}), at ${at.toISOString()}`;
  return [
    'new hours switch nothing at once',
    `its hours switch the display ${said(first)}`,
    ...(second === null ? [] : [`then they switch it ${said(second)}`]),
  ];
}

/** Hours of operation on the road of settings. */
export const keptHours: KeptSettings = {
  names: NAMES,
  find: async (db, deviceIds) => {
    const rows = new Map((await findHours(db, deviceIds)).map((row) => [row.deviceId, row]));
    return new Map(
      deviceIds.map((id) => {
        const { weekly, exceptions } = rows.get(id) ?? NO_HOURS;
        return [id, { hoursOfOperation: weekly, hoursExceptions: exceptions }];
      }),
    );
  },
  check,
  effects,
  store: async (tx, accepted) => {
    const byMoment = Map.groupBy(accepted, ({ change }) => change.requestedAt.getTime());
    for (const [atMs, list] of byMoment) {
      const wanted = list.map(({ deviceId, values }) => {
        const { hoursOfOperation: weekly, hoursExceptions: exceptions } = given(values);
        return { deviceId, hours: { ...(weekly && { weekly }), ...(exceptions && { exceptions }) } };
      });
      await saveHours(tx, wanted, new Date(atMs));
    }
  },
};
