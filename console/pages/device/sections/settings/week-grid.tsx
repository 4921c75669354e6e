import { CopyCheck, X } from 'lucide-react';
import { type PointerEvent, useRef, useState } from 'react';
import { Button } from '../../../../components/button.tsx';
import type { FieldFault } from './draft-rules.ts';
import { faultText } from './fields.tsx';
import {
  carriedInto,
  DAY_MINUTES,
  isOnAt,
  paint,
  printWindows,
  type Stretch,
  stretchOf,
  WEEKDAYS,
  type Week,
  type Weekday,
} from './hours-rules.ts';
import { texts } from './texts.ts';
import './week-grid.css';

/** What a stroke of the mouse keeps to; other times are typed. */
const SNAP_MINUTES = 30;
const LABELLED_HOURS = [0, 6, 12, 18, 24];

type Stroke = { weekday: Weekday; from: number; to: number; isOn: boolean };

/** The minutes that a stroke covers, from the cell where it began to the one where it is. */
const partOf = ({ from, to }: Stroke): Stretch => ({ from: Math.min(from, to), to: Math.max(from, to) + SNAP_MINUTES });

export type WeekEditing = {
  typed: Readonly<Record<Weekday, string>>;
  faults: Readonly<Record<string, FieldFault>>;
  onChange: (typed: Readonly<Record<Weekday, string>>) => void;
};

/**
 * A week, a row for each day: bars that are painted with the mouse or a finger, and the same as a text to type. Without `editing` it is only
 * shown. `today` marks the row of the day.
 */
export function WeekGrid(props: { week: Week; today: { weekday: Weekday; minute: number }; editing?: WeekEditing }) {
  const { week, today, editing } = props;
  const [stroke, setStroke] = useState<Stroke | null>(null);
  // A week without any window closes nothing: the display is not switched at all.
  const hasHours = WEEKDAYS.some((weekday) => week[weekday].length > 0);
  const drawn = stroke === null ? week : paint(week, stroke.weekday, partOf(stroke), stroke.isOn);
  const change = (next: Week): void => {
    const { typed, onChange } = editing ?? {};
    if (typed === undefined) return;
    // Only days that the stroke has changed are written anew: what is being typed elsewhere stays as it is.
    const changed = WEEKDAYS.filter((weekday) => printWindows(next[weekday]) !== printWindows(week[weekday]));
    onChange?.({ ...typed, ...Object.fromEntries(changed.map((day) => [day, printWindows(next[day])])) });
  };
  return (
    <div className="week" data-editing={editing !== undefined || undefined}>
      <div className="week-hours" aria-hidden="true">
        {LABELLED_HOURS.map((hour) => (
          <span key={hour} style={{ left: `${(hour / 24) * 100}%` }}>
            {String(hour).padStart(2, '0')}
          </span>
        ))}
      </div>
      {WEEKDAYS.map((weekday, index) => (
        <div key={weekday} className="week-day" data-today={weekday === today.weekday || undefined}>
          <span className="week-name" id={`week-${weekday}`}>
            {texts.weekdays[weekday]}
          </span>
          <Track
            {...{ weekday, drawn }}
            minute={weekday === today.weekday ? today.minute : null}
            onStroke={editing && ((minute) => setStroke((before) => strokeTo(before, week, weekday, minute)))}
            onEnd={() => {
              if (stroke !== null) change(drawn);
              setStroke(null);
            }}
            onCancel={() => setStroke(null)}
          />
          {editing === undefined ? (
            <span className="week-text number">
              {printWindows(week[weekday]) || (hasHours ? texts.closed : texts.hours.noWindows)}
            </span>
          ) : (
            <DayText {...{ weekday, editing }} isLast={index === WEEKDAYS.length - 1} />
          )}
        </div>
      ))}
    </div>
  );
}

const strokeTo = (before: Stroke | null, week: Week, weekday: Weekday, minute: number): Stroke =>
  before === null
    ? { weekday, from: minute, to: minute, isOn: !isOnAt(week, weekday, minute) }
    : { ...before, to: minute };

function Track(props: {
  weekday: Weekday;
  drawn: Week;
  /** Where the present is; null on other days. */
  minute: number | null;
  onStroke: ((minute: number) => void) | undefined;
  onEnd: () => void;
  onCancel: () => void;
}) {
  const { weekday, drawn, minute, onStroke, onEnd, onCancel } = props;
  const track = useRef<HTMLDivElement>(null);
  const minuteAt = ({ clientX }: PointerEvent): number => {
    const { left, width } = track.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    const cell = Math.floor((((clientX - left) / width) * DAY_MINUTES) / SNAP_MINUTES);
    return Math.min(Math.max(cell, 0), DAY_MINUTES / SNAP_MINUTES - 1) * SNAP_MINUTES;
  };
  const bars = [
    ...carriedInto(drawn, weekday).map((stretch) => ({ ...stretch, isCarried: true })),
    ...drawn[weekday].map((window) => ({ ...stretchOf(window), isCarried: false })),
  ];
  return (
    // The bars are for the eye: the text beside them says the same, and is what the keyboard and screen readers use.
    <div
      ref={track}
      className="week-track"
      aria-hidden="true"
      data-day={weekday}
      {...(onStroke !== undefined && {
        onPointerDown: (event: PointerEvent) => {
          if (event.button !== 0) return;
          track.current?.setPointerCapture(event.pointerId);
          onStroke(minuteAt(event));
        },
        onPointerMove: (event: PointerEvent) => {
          if (track.current?.hasPointerCapture(event.pointerId) === true) onStroke(minuteAt(event));
        },
        onPointerUp: onEnd,
        onPointerCancel: onCancel,
      })}
    >
      {bars.map(({ from, to, isCarried }) => (
        <span
          key={`${from} ${isCarried}`}
          className="week-bar"
          data-carried={isCarried || undefined}
          style={{
            left: `${(from / DAY_MINUTES) * 100}%`,
            width: `${((Math.min(to, DAY_MINUTES) - from) / DAY_MINUTES) * 100}%`,
          }}
        />
      ))}
      {minute !== null && <span className="week-now" style={{ left: `${(minute / DAY_MINUTES) * 100}%` }} />}
    </div>
  );
}

function DayText({ weekday, editing, isLast }: { weekday: Weekday; editing: WeekEditing; isLast: boolean }) {
  const { typed, faults, onChange } = editing;
  const name = texts.weekdays[weekday];
  const fault = faultText(faults[weekday]);
  const below = WEEKDAYS.slice(WEEKDAYS.indexOf(weekday) + 1);
  return (
    <>
      <span className="week-field">
        <input
          className="input number"
          aria-label={texts.hours.dayField(name)}
          placeholder={WEEKDAYS.every((day) => typed[day] === '') ? texts.hours.noWindows : texts.closed}
          value={typed[weekday]}
          aria-invalid={fault !== null}
          aria-describedby={fault === null ? undefined : `week-fault-${weekday}`}
          data-invalid={fault !== null || undefined}
          onChange={({ target }) => onChange({ ...typed, [weekday]: target.value })}
        />
        <Button
          kind="plain"
          aria-label={texts.hours.copyDown(name)}
          icon={<CopyCheck aria-hidden="true" />}
          isDisabled={isLast}
          onPress={() => onChange({ ...typed, ...Object.fromEntries(below.map((day) => [day, typed[weekday]])) })}
        />
        <Button
          kind="plain"
          aria-label={texts.hours.clearDay(name)}
          icon={<X aria-hidden="true" />}
          isDisabled={typed[weekday] === ''}
          onPress={() => onChange({ ...typed, [weekday]: '' })}
        />
      </span>
      {fault !== null && (
        <p className="field-error week-fault" id={`week-fault-${weekday}`} role="alert">
          {fault}
        </p>
      )}
    </>
  );
}
