import { useState } from 'react';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { Field } from '../../components/field.tsx';
import { texts } from './texts.ts';

/** Why something is done, for the audit log. */
export const ReasonField = (props: { value: string; onChange: (value: string) => void; error?: string | null }) => (
  <Field label={texts.reason} {...props} />
);

/** The reason as the graph takes it; null where nothing was said. */
export const reasonOf = (text: string): string | null => text.trim() || null;

/** A question before a deed that goes on record, with room for why. */
export function ReasonedDialog(
  props: Omit<Parameters<typeof ConfirmDialog>[0], 'isOpen' | 'onConfirm'> & {
    onConfirm: (reason: string | null) => Promise<void>;
  },
) {
  const { consequence, onConfirm, ...rest } = props;
  const [reason, setReason] = useState('');
  return (
    <ConfirmDialog
      {...rest}
      isOpen
      onConfirm={() => onConfirm(reasonOf(reason))}
      consequence={
        <>
          {consequence}
          <ReasonField value={reason} onChange={setReason} />
        </>
      }
    />
  );
}
