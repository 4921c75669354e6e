import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { say } from '../../components/toast.tsx';
import { dayText } from '../../data/time.ts';
import { SealArchivedDayDocument } from '../../generated/history/graphql.ts';
import { texts } from './texts.ts';

const own = texts.archive.seal;

/** Seals a day on which a service took no samples, and nothing will come any more. `without`: those services. */
export function SealDialog(props: {
  day: string;
  without: readonly string[];
  onClose: () => void;
  onSealed: () => void;
}) {
  const { day, without, onClose, onSealed } = props;
  const [reason, setReason] = useState('');
  const [seal] = useMutation(SealArchivedDayDocument);
  const name = dayText(day, 'UTC');
  const confirm = async (): Promise<void> => {
    if (reason.trim() === '') throw new Error(own.noReason);
    const { data } = await seal({ variables: { input: { day, reason: reason.trim() } } });
    const { userErrors = [], day: sealed = null } = data?.sealArchivedDay ?? {};
    if (sealed === null) throw new Error(userErrors.map(({ message }) => message).join('; ') || own.noAnswer);
    say('done', own.done(name));
    onSealed();
  };
  return (
    <ConfirmDialog
      title={without.length > 0 ? own.titleWithout(name, without.join(', ')) : own.title(name)}
      action={own.action(name)}
      isOpen
      onClose={onClose}
      onConfirm={confirm}
      consequence={
        <>
          <p>{own.text}</p>
          <Field label={own.reason} value={reason} onChange={setReason} hint={own.reasonHint} isRequired />
        </>
      }
    />
  );
}
