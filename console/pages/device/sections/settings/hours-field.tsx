import { Plus, X } from 'lucide-react';
import { useMemo } from 'react';
import { Button } from '../../../../components/button.tsx';
import { RelativeTime } from '../../../../components/relative-time.tsx';
import { useNow } from '../../../../data/use-now.ts';
import { clockChanges, dateIn, toLocal } from '../../../../data/zone-rules.ts';
import type { Display, FieldFault, TypedException } from './draft-rules.ts';
import { FieldError, faultText } from './fields.tsx';
import { type HoursException, printWindows, type Weekday, weekdayOf } from './hours-rules.ts';
import { texts } from './texts.ts';

const own = texts.hours;
/** The clocks change twice a year. */
const DAYS_AHEAD = 366;

let lastKey = 0;
const nextKey = (): string => {
  lastKey += 1;
  return `new ${lastKey}`;
};

/** The local day and minute at a site. */
export function useToday(zone: string): { weekday: Weekday; minute: number } {
  const local = toLocal(new Date(useNow()), zone);
  return {
    weekday: weekdayOf(local.slice(0, 10)),
    minute: Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16)),
  };
}

/** In which zone the hours are, and what they do next. */
export function HoursWords({ display, zone, isEditing }: { display: Display; zone: string; isEditing: boolean }) {
  const { nextSwitching } = display;
  const hasHours = (display.hoursOfOperation?.length ?? 0) + (display.hoursExceptions?.length ?? 0) > 0;
  return (
    <p className="quiet">
      {isEditing ? own.zone(zone) : own.zoneOnly(zone)} {!hasHours && own.none}
      {nextSwitching !== null && (
        <>
          {own.nextSwitched(own.nextPower[nextSwitching.power])} <RelativeTime at={nextSwitching.at} zone={zone} />
        </>
      )}
    </p>
  );
}

/** The days of the coming year on which the clocks of the site change, with what that does to hours. */
export function ClockChanges({ zone }: { zone: string }) {
  const today = dateIn(new Date(useNow()), zone);
  const changes = useMemo(() => clockChanges(today, DAYS_AHEAD, zone), [today, zone]);
  if (changes.length === 0) return null;
  return (
    <div className="clock-changes">
      <h4>{own.clocks}</h4>
      <ul>
        {changes.map(({ date, minutes }) => {
          const day = `${texts.weekdays[weekdayOf(date)]}, ${date}`;
          return <li key={date}>{minutes > 0 ? own.forward(day, minutes) : own.back(day, -minutes)}</li>;
        })}
      </ul>
    </div>
  );
}

/** Single days, each with its own hours: a date, and a text as in the week. */
export function ExceptionsField(props: {
  typed: readonly TypedException[];
  faults: Readonly<Record<string, FieldFault>>;
  zone: string;
  onChange: (typed: readonly TypedException[]) => void;
}) {
  const { typed, faults, zone, onChange } = props;
  const change = (key: string, changed: Partial<TypedException>): void =>
    onChange(typed.map((exception) => (exception.key === key ? { ...exception, ...changed } : exception)));
  return (
    <div className="exceptions">
      {typed.length === 0 && <p className="quiet">{own.noSpecial}</p>}
      {typed.map(({ key, date, text }, index) => {
        const fault = faultText(faults[key]);
        return (
          <div key={key} className="exception">
            <input
              className="input number"
              type="date"
              aria-label={own.dateOf(index + 1)}
              min="2000-01-01"
              max="2199-12-31"
              value={date}
              data-invalid={faults[key] === 'date' || faults[key] === 'dateTwice' || undefined}
              onChange={({ target }) => change(key, { date: target.value })}
            />
            <input
              className="input number"
              aria-label={own.windowsOf(date)}
              placeholder={texts.closed}
              value={text}
              data-invalid={faults[key] === 'windows' || faults[key] === 'tooMany' || undefined}
              onChange={({ target }) => change(key, { text: target.value })}
            />
            <Button
              kind="plain"
              aria-label={own.remove(date)}
              icon={<X aria-hidden="true" />}
              onPress={() => onChange(typed.filter((exception) => exception.key !== key))}
            />
            <DayMark date={date} zone={zone} />
            <FieldError>{fault}</FieldError>
          </div>
        );
      })}
      <div>
        <Button
          icon={<Plus aria-hidden="true" />}
          onPress={() => onChange([...typed, { key: nextKey(), date: '', text: '' }])}
        >
          {own.addDay}
        </Button>
      </div>
    </div>
  );
}

/** The weekday of a date, and whether the clocks change on it. */
function DayMark({ date, zone }: { date: string; zone: string }) {
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) return null;
  const isClockDay = clockChanges(date, 1, zone).length > 0;
  return (
    <span className="quiet exception-day">
      {texts.weekdays[weekdayOf(date)]}
      {isClockDay && `, ${own.clockMark}`}
    </span>
  );
}

export const ExceptionsShown = ({ exceptions, zone }: { exceptions: readonly HoursException[]; zone: string }) =>
  exceptions.length === 0 ? (
    <p className="quiet">{own.noSpecial}</p>
  ) : (
    <ul className="exceptions-shown">
      {exceptions.map(({ date, windows }) => (
        <li key={date}>
          <span className="number">{date}</span> <DayMark date={date} zone={zone} />{' '}
          <span className="number">{printWindows(windows) || texts.closed}</span>
        </li>
      ))}
    </ul>
  );
