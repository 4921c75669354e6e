import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { Button } from '../../../../components/button.tsx';
import { Dialog } from '../../../../components/dialog.tsx';
import { Field } from '../../../../components/field.tsx';
import { texts as shared } from '../../../../components/texts.ts';
import { say } from '../../../../components/toast.tsx';
import { errorAt, restOf, type UserError } from '../../../../data/user-errors.ts';
import { UndoAudioDocument, UndoDisplayDocument } from '../../../../generated/device/sections/timeline/graphql.ts';
import { settingWords } from '../../value-words.ts';
import { texts } from './texts.ts';
import { type Change, hasTriggers, settingRows } from './timeline-rules.ts';

const own = texts.undo;
const REASON = 'input.reason';

type Undoing = { id: string; reason: string | null; idempotencyKey: string };
type Undone = {
  readonly settingsChange?: Pick<Change, 'state' | 'detail'> | null;
  readonly userErrors: readonly UserError[];
} | null;

/** Asks the service that holds a change to take it back. */
function useUndo(type: 'FidaDisplay' | 'AudioCore'): (input: Undoing, exceptTriggers: boolean) => Promise<Undone> {
  const client = useApolloClient();
  return async (input, exceptTriggers) => {
    if (type === 'FidaDisplay')
      return (
        (await client.mutate({ mutation: UndoDisplayDocument, variables: { input } })).data?.undoDisplaySettings ?? null
      );
    const variables = { input: { ...input, ...(exceptTriggers && { exceptTriggers }) } };
    return (await client.mutate({ mutation: UndoAudioDocument, variables })).data?.undoAudioControls ?? null;
  };
}

/** Takes a change back, after it has said what will be set. */
export function UndoDialog(props: {
  type: 'FidaDisplay' | 'AudioCore';
  change: Change;
  onClose: () => void;
  onDone: () => void;
}) {
  const { type, change, onClose, onDone } = props;
  const undo = useUndo(type);
  const [reason, setReason] = useState('');
  const [exceptTriggers, setExceptTriggers] = useState(false);
  // The same request sent again, as after an answer that got lost, takes nothing back twice.
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const [isBusy, setBusy] = useState(false);
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const rows = settingRows(change);
  const names = rows.map(({ name }) => settingWords(name)).join(', ');

  const confirm = async (): Promise<void> => {
    setBusy(true);
    try {
      const input = { id: change.id, reason: reason.trim() === '' ? null : reason.trim(), idempotencyKey };
      const { settingsChange = null, userErrors = [] } = (await undo(input, exceptTriggers)) ?? {};
      setErrors(userErrors);
      if (userErrors.length > 0 || settingsChange === null) return;
      const { state, detail } = settingsChange;
      const isGood = state === 'APPLIED' || state === 'PENDING';
      say(isGood ? 'done' : 'failed', own.outcome(texts.states[state], detail));
      onDone();
      onClose();
    } catch (err) {
      setErrors([{ field: null, message: err instanceof Error ? err.message : String(err) }]);
    } finally {
      setBusy(false);
    }
  };

  const actions = (
    <>
      <Button onPress={onClose} isDisabled={isBusy}>
        {shared.dialog.cancel}
      </Button>
      <Button kind="primary" onPress={() => void confirm()} isPending={isBusy}>
        {own.confirm}
      </Button>
    </>
  );
  return (
    <Dialog title={own.ofWhat(names)} isOpen onClose={onClose} isBusy={isBusy} actions={actions}>
      <p>{own.text}</p>
      <ul className="timeline-undo">
        {rows.map(({ name, before, readBack, wanted }) => (
          <li key={name}>
            {settingWords(name)}: {readBack ?? wanted} → <strong>{before ?? own.unknown}</strong>
          </li>
        ))}
      </ul>
      <Field label={own.reason} value={reason} onChange={setReason} error={errorAt(errors, REASON)} />
      {type === 'AudioCore' && hasTriggers(change) && (
        <label className="timeline-triggers">
          <input
            type="checkbox"
            checked={exceptTriggers}
            onChange={({ target }) => setExceptTriggers(target.checked)}
          />
          {own.triggers}
        </label>
      )}
      {restOf(errors, [REASON]).map((message) => (
        <p key={message} className="field-error" role="alert">
          {message}
        </p>
      ))}
    </Dialog>
  );
}
