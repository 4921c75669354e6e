import { Check, CircleSlash, Clock, CornerDownRight, LoaderCircle, TriangleAlert, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { RelativeTime } from '../../../../components/relative-time.tsx';
import { type Outcome, type OutcomeState, valueText } from './change-rules.ts';
import type { SettingName } from './draft-rules.ts';
import { texts } from './texts.ts';

const own = texts.outcomes;
/** What to do where a value did not take, or waits. */
const ADVICE: Readonly<Partial<Record<OutcomeState, string>>> = own.advice;
const ICONS: Readonly<Record<OutcomeState, ReactNode>> = {
  SENDING: <LoaderCircle aria-hidden="true" />,
  PENDING: <Clock aria-hidden="true" />,
  APPLIED: <Check aria-hidden="true" />,
  MISMATCH: <TriangleAlert aria-hidden="true" />,
  UNREACHABLE: <Unplug aria-hidden="true" />,
  REJECTED: <CircleSlash aria-hidden="true" />,
  SUPERSEDED: <CornerDownRight aria-hidden="true" />,
};

/** A state as shape and word. */
export const OutcomeMark = ({ state, children }: { state: OutcomeState; children: ReactNode }) => (
  <span className="outcome-mark" data-state={state}>
    {ICONS[state]}
    <span>{children}</span>
  </span>
);

function wordsOf(name: SettingName, { state, wanted, readBack }: Outcome): string {
  if (state === 'APPLIED') return name === 'hoursOfOperation' || name === 'hoursExceptions' ? own.STORED : own.APPLIED;
  return state === 'MISMATCH'
    ? own.MISMATCH(valueText(name, wanted), valueText(name, readBack))
    : own[state](valueText(name, wanted));
}

/** What has become of a setting's last change, who made it and when, and what to do where it did not take. */
export function OutcomeNote(props: {
  name: SettingName;
  outcome: Outcome | undefined;
  zone: string;
  actions?: ReactNode;
}) {
  const { name, outcome, zone, actions } = props;
  if (outcome === undefined) return null;
  const { change, state } = outcome;
  const advice = ADVICE[state];
  const isQuiet = state === 'APPLIED' || state === 'SUPERSEDED';
  return (
    <div className="outcome" data-state={state}>
      <p>
        <span role="status">
          <OutcomeMark state={state}>{wordsOf(name, outcome)}</OutcomeMark>
        </span>
        <span className="quiet outcome-by">
          {own.by} {change.requestedBy}, <RelativeTime at={change.finishedAt ?? change.at} zone={zone} />
        </span>
      </p>
      {!isQuiet && state !== 'MISMATCH' && change.detail !== null && <p className="outcome-detail">{change.detail}</p>}
      {advice !== undefined && <p className="quiet">{advice}</p>}
      {!isQuiet && actions}
    </div>
  );
}
