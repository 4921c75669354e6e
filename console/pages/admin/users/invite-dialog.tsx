import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { texts as components } from '../../../components/texts.ts';
import { faultsOf } from '../../../data/faults.ts';
import { exactTime, viewerZone } from '../../../data/time.ts';
import { errorAt, restOf, type UserError } from '../../../data/user-errors.ts';
import { useViewer } from '../../../data/viewer.ts';
import { InviteUserDocument } from '../../../generated/admin/graphql.ts';
import { ShownOnce } from '../shown-once.tsx';
import { texts as shared } from '../texts.ts';
import { type Grant, printGrants } from './grant-rules.ts';
import { GrantsEditor } from './grants-editor.tsx';
import { texts } from './texts.ts';

const FIELDS = ['input.email', 'input.grants', 'input.reason'];

/** The link by which somebody makes their account. After the hash: what stands there is sent to no server, and into no log of one. */
const linkOf = (invitation: string): string =>
  `${location.origin}/join#${new URLSearchParams({ invitation }).toString()}`;

/** Invites somebody; the link is shown once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const viewer = useViewer();
  const [email, setEmail] = useState('');
  const [grants, setGrants] = useState<readonly Grant[]>([{ role: 'VIEWER', site: viewer.sites?.[0] ?? null }]);
  const [reason, setReason] = useState('');
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const [made, setMade] = useState<{ link: string; expiresAt: string } | null>(null);
  const [invite, { loading }] = useMutation(InviteUserDocument);
  const submit = async (): Promise<void> => {
    try {
      const input = { email: email.trim(), grants, reason: reason.trim() || null };
      const { data } = await invite({ variables: { input } });
      setErrors(data?.inviteUser?.userErrors ?? []);
      const { invitation, expiresAt } = data?.inviteUser ?? {};
      if (invitation && expiresAt) setMade({ link: linkOf(invitation), expiresAt });
    } catch (err) {
      setErrors(faultsOf(err).map(({ message }) => ({ field: null, message })));
    }
  };
  if (made !== null)
    return (
      // Closed by its button alone: what it shows can't be had again.
      <Dialog
        title={texts.invite.madeTitle}
        isOpen
        isBusy
        onClose={onClose}
        actions={<Button onPress={onClose}>{texts.invite.close}</Button>}
      >
        <p>{texts.invite.made(email.trim(), exactTime(made.expiresAt, viewerZone()))}</p>
        <ShownOnce label={texts.invite.link} value={made.link} />
      </Dialog>
    );
  return (
    <Dialog
      title={texts.invite.title}
      isOpen
      onClose={onClose}
      isBusy={loading}
      actions={
        <>
          <Button onPress={onClose} isDisabled={loading}>
            {components.dialog.cancel}
          </Button>
          <Button kind="primary" isPending={loading} isDisabled={email.trim() === ''} onPress={() => void submit()}>
            {texts.invite.submit}
          </Button>
        </>
      }
    >
      <Field
        label={texts.invite.email}
        type="email"
        autoComplete="off"
        isRequired
        autoFocus
        hint={texts.invite.emailHint}
        value={email}
        onChange={setEmail}
        error={errorAt(errors, 'input.email')}
      />
      <GrantsEditor grants={grants} onChange={setGrants} error={errorAt(errors, 'input.grants')} />
      <Field label={shared.reason} value={reason} onChange={setReason} error={errorAt(errors, 'input.reason')} />
      <p className="effects">
        {texts.invite.willHappen(email.trim() === '' ? texts.invite.nobody : email.trim(), printGrants(grants))}
      </p>
      {restOf(errors, FIELDS).map((message) => (
        <p key={message} className="field-error" role="alert">
          {message}
        </p>
      ))}
    </Dialog>
  );
}
