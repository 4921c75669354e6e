import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { texts as components } from '../../../components/texts.ts';
import { say } from '../../../components/toast.tsx';
import { faultsOf } from '../../../data/faults.ts';
import { errorAt, restOf, type UserError } from '../../../data/user-errors.ts';
import { useViewer } from '../../../data/viewer.ts';
import { UpdateUserDocument } from '../../../generated/admin/graphql.ts';
import { texts as shared } from '../texts.ts';
import { type Grant, grantChanges, grantOf, losesManaging, printGrants } from './grant-rules.ts';
import { GrantsEditor } from './grants-editor.tsx';
import { texts } from './texts.ts';
import type { User } from './use-users.ts';

const FIELDS = ['input.name', 'input.grants', 'input.reason'];

/** What somebody is called and may do; says what will happen before it does. */
export function ChangeDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const viewer = useViewer();
  const [name, setName] = useState(user.name);
  const [grants, setGrants] = useState<readonly Grant[]>(() => user.grants.map(grantOf));
  const [reason, setReason] = useState('');
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const [update, { loading }] = useMutation(UpdateUserDocument);
  const changes = grantChanges(user.grants.map(grantOf), grants);
  const isOther = changes.gets.length + changes.loses.length > 0;
  const isRenamed = name.trim() !== user.name;
  const submit = async (): Promise<void> => {
    try {
      const input = {
        id: user.id,
        ...(isRenamed && { name: name.trim() }),
        ...(isOther && { grants }),
        reason: reason.trim() || null,
      };
      const { data } = await update({ variables: { input } });
      setErrors(data?.updateUser?.userErrors ?? []);
      if (!data?.updateUser?.user) return;
      say('done', texts.change.done(data.updateUser.user.name));
      onClose();
    } catch (err) {
      setErrors(faultsOf(err).map(({ message }) => ({ field: null, message })));
    }
  };
  const effects = [
    isRenamed && texts.change.called(name.trim()),
    changes.gets.length > 0 && texts.change.gets(printGrants(changes.gets)),
    changes.loses.length > 0 && texts.change.loses(printGrants(changes.loses)),
    isOther && (grants.length === 0 ? texts.change.noneLeft : texts.change.atOnce),
    user.id === viewer.id && losesManaging(changes) && texts.change.self,
  ].filter((text) => text !== false);
  return (
    <Dialog
      title={texts.change.title(user.name)}
      isOpen
      onClose={onClose}
      isBusy={loading}
      actions={
        <>
          <Button onPress={onClose} isDisabled={loading}>
            {components.dialog.cancel}
          </Button>
          <Button
            kind="primary"
            isPending={loading}
            isDisabled={effects.length === 0 || name.trim() === ''}
            onPress={() => void submit()}
          >
            {texts.change.submit}
          </Button>
        </>
      }
    >
      <p className="quiet">{user.email}</p>
      <Field
        label={texts.change.name}
        isRequired
        value={name}
        onChange={setName}
        error={errorAt(errors, 'input.name')}
      />
      <GrantsEditor grants={grants} onChange={setGrants} error={errorAt(errors, 'input.grants')} />
      <Field label={shared.reason} value={reason} onChange={setReason} error={errorAt(errors, 'input.reason')} />
      <section className="effects" aria-live="polite">
        <h3>{texts.change.willHappen}</h3>
        {effects.length === 0 ? (
          <p className="quiet">{texts.change.nothing}</p>
        ) : (
          effects.map((text) => <p key={text}>{text}</p>)
        )}
      </section>
      {restOf(errors, FIELDS).map((message) => (
        <p key={message} className="field-error" role="alert">
          {message}
        </p>
      ))}
    </Dialog>
  );
}
