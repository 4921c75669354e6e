import { RotateCw } from 'lucide-react';
import { Button } from '../../../../components/button.tsx';
import { RelativeTime } from '../../../../components/relative-time.tsx';
import { OutcomeMark } from '../settings/outcome-note.tsx';
import type { Kind } from './control-rules.ts';
import { canSendAgain, wishOf } from './mend-rules.ts';
import { type Change, type Outcome, outcomeText, type Wanted } from './outcome-rules.ts';
import { texts } from './texts.ts';
import { UndoButton } from './undo-button.tsx';
import type { Sent, Wish } from './use-sender.ts';

const own = texts.mend;

type Props = {
  kind: Kind;
  outcome: Outcome | null;
  sent: Sent | undefined;
  zone: string;
  /** What the control is called. */
  label: string;
  canMove: boolean;
  isUndoable: boolean;
  onAgain: (wanted: Wish['wanted']) => void;
  onDismiss: () => void;
  learn: (change: Change) => void;
};

/** What has become of what was sent: on its way to Wheelhouse, refused there, or what the change says; and what can be done about it. */
export function OutcomeLine(props: Props) {
  const { kind, outcome, sent, zone, label, canMove, isUndoable, onDismiss, learn } = props;
  if (sent !== undefined) {
    const state = sent.message === null ? 'SENDING' : sent.isRefused ? 'REJECTED' : 'UNREACHABLE';
    return (
      <div className="audio-outcome">
        <span role="status">
          <OutcomeMark state={state}>{outcomeText(kind, { state, wanted: sent.wanted, readBack: null })}</OutcomeMark>
        </span>
        {sent.message !== null && (
          <>
            <div className="audio-mend">
              <Again {...props} wanted={sent.wanted} />
              <Button kind="plain" aria-label={own.dismissOf(label)} onPress={onDismiss}>
                {own.dismiss}
              </Button>
            </div>
            <p role="alert">{sent.message}</p>
          </>
        )}
      </div>
    );
  }
  if (outcome === null) return null;
  const { change, state } = outcome;
  const isQuiet = state === 'APPLIED' || state === 'SUPERSEDED' || state === 'SENDING';
  const isAgain = canMove && canSendAgain(outcome);
  return (
    <div className="audio-outcome">
      <span role="status">
        <OutcomeMark state={state}>{outcomeText(kind, outcome)}</OutcomeMark>
      </span>
      <span className="quiet">
        {texts.by} {change.requestedBy}, <RelativeTime at={change.finishedAt ?? change.at} zone={zone} />
      </span>
      {(isAgain || (canMove && isUndoable)) && (
        <div className="audio-mend">
          {isAgain && <Again {...props} wanted={outcome.wanted} />}
          {canMove && isUndoable && <UndoButton {...{ change, label, learn }} />}
        </div>
      )}
      {!isQuiet && state !== 'MISMATCH' && change.detail !== null && <p>{change.detail}</p>}
    </div>
  );
}

/** Sends once more what did not take; nothing for a trigger, which is fired by its own button. */
function Again({ wanted, label, canMove, onAgain }: Pick<Props, 'label' | 'canMove' | 'onAgain'> & { wanted: Wanted }) {
  const wish = wishOf(wanted);
  if (wish === null || !canMove) return null;
  return (
    <Button
      kind="plain"
      icon={<RotateCw aria-hidden="true" />}
      aria-label={own.againOf(label)}
      onPress={() => onAgain(wish)}
    >
      {own.again}
    </Button>
  );
}
