import { dateIn } from '../../data/zone-rules.ts';
import {
  barOf,
  cellOf,
  hoursText,
  lowest,
  percentText,
  type Seconds,
  type StepTime,
  sharesOf,
  TIME_KINDS,
} from './availability-rules.ts';
import { texts } from './texts.ts';

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

const CELL_PX = 10;
const HEIGHT_PX = 20;

/** A cell for each step: how much was lost is its height, and to what its colour; hollow where nothing was counted. */
export function Strip({ steps, zone }: { steps: readonly StepTime[]; zone: string }) {
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
      viewBox={`0 0 ${Math.max(steps.length, 1) * CELL_PX} ${HEIGHT_PX}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={summary}
    >
      {steps.map((step, index) => (
        <Cell key={step.from} step={step} x={index * CELL_PX} zone={zone} />
      ))}
    </svg>
  );
}

function Cell({ step, x, zone }: { step: StepTime; x: number; zone: string }) {
  const { kind, height } = cellOf(step);
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
        x={x + 0.5}
        width={CELL_PX - 1.5}
        y="0.5"
        height={HEIGHT_PX - 1}
      />
      {filled > 0 && (
        <rect data-kind={kind} x={x + 0.5} width={CELL_PX - 1.5} y={HEIGHT_PX - 0.5 - filled} height={filled} />
      )}
    </g>
  );
}

/** What the colours of bars and strips mean. */
export const TimeLegend = () => (
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
);
