import { dateIn } from '../../data/zone-rules.ts';
import {
  barOf,
  cellOf,
  hoursText,
  lowest,
  percentText,
  placeOf,
  type Seconds,
  type StepTime,
  sharesOf,
  TIME_KINDS,
} from './availability-rules.ts';
import { texts } from './texts.ts';
import type { Counting } from './view-rules.ts';

/** Where the time of a group went, as a bar; what is well is quiet. */
export function TimeBar({ of }: { of: Seconds }) {
  const words = sharesOf(of)
    .map(({ kind, share, seconds }) => texts.share(texts.kinds[kind], percentText(share), hoursText(seconds)))
    .join(', ');
  return (
    <svg
      className="time-bar"
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      role="img"
      aria-label={words || texts.notCounted}
    >
      <title>{words || texts.notCounted}</title>
      {barOf(of).map(({ kind, at, width }) => (
        <rect key={kind} data-kind={kind} x={at * 100} width={width * 100} y="0" height="10" />
      ))}
    </svg>
  );
}

const WIDTH = 1_000;
const GAP = 4;
const HEIGHT_PX = 20;

export type StripRange = { from: string; to: string; zone: string; counting: Counting };

/** A cell for each step, where its time is in the range: how much was lost is its height, and to what its colour; hollow where nothing was counted. */
export function Strip({ steps, range }: { steps: readonly StepTime[]; range: StripRange }) {
  const { zone } = range;
  const low = lowest(steps);
  const summary =
    low === null
      ? texts.stripNone
      : low.onlineRatio === 1
        ? texts.stripFull
        : texts.stripLowest(percentText(low.onlineRatio), dateIn(new Date(low.from), zone));
  return (
    <svg
      className="strip"
      viewBox={`0 0 ${WIDTH} ${HEIGHT_PX}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={summary}
    >
      {steps.map((step) => (
        <Cell key={step.from} step={step} range={range} />
      ))}
    </svg>
  );
}

function Cell({ step, range }: { step: StepTime; range: StripRange }) {
  const { zone, counting } = range;
  const { kind, height } = cellOf(step, counting);
  const place = placeOf(step, range);
  const across = { x: place.at * WIDTH, width: Math.max(place.width * WIDTH - GAP, 1) };
  const lost = sharesOf(step)
    .filter((part) => part.kind !== 'online')
    .map((part) => texts.share(texts.kinds[part.kind], percentText(part.share), hoursText(part.seconds)))
    .join(', ');
  const percent = step.onlineRatio === null ? null : percentText(step.onlineRatio);
  const filled = (height ?? 0) * HEIGHT_PX;
  return (
    <g>
      <title>{texts.stepTitle(dateIn(new Date(step.from), zone), percent, lost)}</title>
      <rect
        className="strip-cell"
        data-none={height === null || undefined}
        {...across}
        y="0.5"
        height={HEIGHT_PX - 1}
      />
      {filled > 0 && <rect data-kind={kind} {...across} y={HEIGHT_PX - 0.5 - filled} height={filled} />}
    </g>
  );
}

/** What the colours of bars and strips mean; blind time is striped, and told by that from unknown time. */
export const TimeLegend = () => (
  <div>
    <svg className="time-patterns" aria-hidden="true" focusable="false">
      <pattern id="time-blind" patternUnits="userSpaceOnUse" width="4" height="4">
        <rect width="4" height="2" />
      </pattern>
    </svg>
    <ul className="time-legend">
      {TIME_KINDS.map((kind) => (
        <li key={kind}>
          <svg className="time-bar" viewBox="0 0 10 10" aria-hidden="true" focusable="false">
            <rect data-kind={kind} width="10" height="10" />
          </svg>
          {texts.kinds[kind]}
        </li>
      ))}
      <li className="quiet">{texts.legend}</li>
    </ul>
  </div>
);
