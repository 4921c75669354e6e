import { useMemo } from 'react';
import { useSearchParams } from 'react-router';
import { useNow } from '../data/use-now.ts';
import {
  faultOfRange,
  nearestPreset,
  type Preset,
  type RangeChoice,
  readRange,
  type Step,
  spanOf,
  writeRange,
} from './time-range-rules.ts';

export type TimeRange = {
  /** From when, and to before when. The same objects until they are other times: good as a dependency, and as variables of a query. */
  from: Date;
  to: Date;
  /** In which step a series of this length is asked for. */
  step: Step;
  /** Whether the end moves along with the present; false as well in the past. */
  isLive: boolean;
  /** The range that moves along; null when it is a chosen one. */
  preset: Preset | null;
  /** The past time as of which the whole page is to be read, and nothing be changed; null: the present. */
  asOf: Date | null;
  /** The last hour, day, week or month, live. */
  follow: (preset: Preset) => void;
  /** From here to there, such as what was dragged over in a plot; leaves live. What is no range does nothing. */
  show: (from: Date, to: Date) => void;
  /** Leaves live, and stays where it is. */
  pause: () => void;
  /** Live again, about as long as what was shown; and in the present. */
  resume: () => void;
  /** The whole page as it was then; null: back to the present. */
  goTo: (asOf: Date | null) => void;
};

/** The one range of time of a page, kept in the address: all its plots show it, and a zoom in one of them changes all. */
export function useTimeRange(): TimeRange {
  const [address, setAddress] = useSearchParams();
  const now = useNow();
  const choice = readRange(address, now);
  const span = spanOf(choice, now);
  const [fromMs, toMs, asOfMs] = [span.from.getTime(), span.to.getTime(), choice.asOf?.getTime() ?? null];
  const from = useMemo(() => new Date(fromMs), [fromMs]);
  const to = useMemo(() => new Date(toMs), [toMs]);
  const asOf = useMemo(() => (asOfMs === null ? null : new Date(asOfMs)), [asOfMs]);
  const change = (next: (before: RangeChoice) => RangeChoice, isStep = false): void =>
    setAddress((before) => writeRange(next(readRange(before, Date.now())), before), { replace: !isStep });
  return {
    ...{ from, to, asOf, step: span.step },
    isLive: choice.kind === 'live' && asOf === null,
    preset: choice.kind === 'live' ? choice.preset : null,
    follow: (preset) => change(({ asOf: stays }) => ({ kind: 'live', preset, asOf: stays })),
    show: (start, end) => {
      if (faultOfRange(start, end) !== null) return;
      // A step of its own in the browser's history: back goes to what was shown before the zoom.
      change(({ asOf: stays }) => ({ kind: 'fixed', from: start, to: end, asOf: stays }), true);
    },
    pause: () => change(({ asOf: stays }) => ({ kind: 'fixed', from, to, asOf: stays })),
    resume: () => change(() => ({ kind: 'live', preset: nearestPreset(toMs - fromMs), asOf: null })),
    goTo: (at) => change((before) => ({ ...before, asOf: at }), true),
  };
}
