import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { FormFaults } from '../../../components/form-faults.tsx';
import { texts as components } from '../../../components/texts.ts';
import { say } from '../../../components/toast.tsx';
import { faultsOf } from '../../../data/faults.ts';
import { grantOf, printGrants } from '../../../data/grants.ts';
import { errorAt, type UserError } from '../../../data/user-errors.ts';
import { useViewer } from '../../../data/viewer.ts';
import { UpdateUserDocument } from '../../../generated/admin/graphql.ts';
import { reasonOf } from '../reason-field.tsx';
import { ACCESS_FIELDS, type Access, AccessFields } from './access-fields.tsx';
import { grantChanges, losesManaging } from './grant-rules.ts';
import { texts } from './texts.ts';
import type { User } from './use-users.ts';

const FIELDS = ['input.name', ...ACCESS_FIELDS];

/** What somebody is called and may do; says what will happen before it does. */
export function ChangeDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const viewer = useViewer();
  const [name, setName] = useState(user.name);
  const [access, setAccess] = useState<Access>(() => ({ grants: user.grants.map(grantOf), reason: '' }));
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const [update, { loading }] = useMutation(UpdateUserDocument);
  const { grants } = access;
  const changes = grantChanges(user.grants.map(grantOf), grants);
  const isOther = changes.gets.length + changes.loses.length > 0;
  const isRenamed = name.trim() !== user.name;
  const submit = async (): Promise<void> => {
    try {
      const input = {
        id: user.id,
        ...(isRenamed && { name: name.trim() }),
        ...(isOther && { grants }),
        reason: reasonOf(access.reason),
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
      <AccessFields access={access} onChange={setAccess} errors={errors} />
      <section className="effects" aria-live="polite">
        <h3>{texts.change.willHappen}</h3>
        {effects.length === 0 ? (
          <p className="quiet">{texts.change.nothing}</p>
        ) : (
          effects.map((text) => <p key={text}>{text}</p>)
        )}
      </section>
      <FormFaults errors={errors} fields={FIELDS} />
    </Dialog>
  );
}
