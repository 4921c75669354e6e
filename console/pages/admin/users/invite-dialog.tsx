import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { FormFaults } from '../../../components/form-faults.tsx';
import { texts as components } from '../../../components/texts.ts';
import { faultsOf } from '../../../data/faults.ts';
import { printGrants } from '../../../data/grants.ts';
import { exactInBoth, exactTime, viewerZone } from '../../../data/time.ts';
import { errorAt, type UserError } from '../../../data/user-errors.ts';
import { useViewer } from '../../../data/viewer.ts';
import { InvitationsDocument, InviteUserDocument } from '../../../generated/admin/graphql.ts';
import { ShownOnce } from '../shown-once.tsx';
import { useZoneBelow } from '../use-zone-below.ts';
import { ACCESS_FIELDS, type Access, AccessFields, accessInput } from './access-fields.tsx';
import { firstGrant } from './grants-editor.tsx';
import { texts } from './texts.ts';

const FIELDS = ['input.email', ...ACCESS_FIELDS];

/** The link by which somebody makes their account. After the hash: what stands there is sent to no server, and into no log of one. */
const linkOf = (invitation: string): string =>
  `${location.origin}/join#${new URLSearchParams({ invitation }).toString()}`;

/** Invites somebody; the link is shown once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const viewer = useViewer();
  const zone = useZoneBelow();
  const [email, setEmail] = useState('');
  const [access, setAccess] = useState<Access>(() => ({ grants: [firstGrant(viewer)], reason: '' }));
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const [made, setMade] = useState<{ link: string; expiresAt: string } | null>(null);
  const [invite, { loading }] = useMutation(InviteUserDocument, { refetchQueries: [InvitationsDocument] });
  const submit = async (): Promise<void> => {
    try {
      const input = { email: email.trim(), ...accessInput(access) };
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
        <p title={exactInBoth(made.expiresAt, zone, viewerZone())}>
          {texts.invite.made(email.trim(), exactTime(made.expiresAt, zone), zone)}
        </p>
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
      <AccessFields access={access} onChange={setAccess} errors={errors} />
      <p className="effects">
        {texts.invite.willHappen(email.trim() === '' ? texts.invite.nobody : email.trim(), printGrants(access.grants))}
      </p>
      <FormFaults errors={errors} fields={FIELDS} />
    </Dialog>
  );
}
