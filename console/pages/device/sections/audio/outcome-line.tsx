import { RelativeTime } from '../../../../components/relative-time.tsx';
import { OutcomeMark } from '../settings/outcome-note.tsx';
import type { Kind } from './control-rules.ts';
import { type Outcome, outcomeText } from './outcome-rules.ts';
import { texts } from './texts.ts';
import type { Sent } from './use-sender.ts';

/** What has become of what was sent: on its way to Wheelhouse, refused there, or what the change says. */
export function OutcomeLine(props: { kind: Kind; outcome: Outcome | null; sent: Sent | undefined; zone: string }) {
  const { kind, outcome, sent, zone } = props;
  if (sent !== undefined) {
    const state = sent.message === null ? 'SENDING' : sent.isRefused ? 'REJECTED' : 'UNREACHABLE';
    return (
      <div className="audio-outcome">
        <span role="status">
          <OutcomeMark state={state}>{outcomeText(kind, { state, wanted: sent.wanted, readBack: null })}</OutcomeMark>
        </span>
        {sent.message !== null && <p role="alert">{sent.message}</p>}
      </div>
    );
  }
  if (outcome === null) return null;
  const { change, state } = outcome;
  const isQuiet = state === 'APPLIED' || state === 'SUPERSEDED' || state === 'SENDING';
  return (
    <div className="audio-outcome">
      <span role="status">
        <OutcomeMark state={state}>{outcomeText(kind, outcome)}</OutcomeMark>
      </span>
      <span className="quiet">
        {texts.by} {change.requestedBy}, <RelativeTime at={change.finishedAt ?? change.at} zone={zone} />
      </span>
      {!isQuiet && state !== 'MISMATCH' && change.detail !== null && <p>{change.detail}</p>}
    </div>
  );
}
