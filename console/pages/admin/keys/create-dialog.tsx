import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Field } from '../../../components/field.tsx';
import { FormFaults } from '../../../components/form-faults.tsx';
import { Select } from '../../../components/select.tsx';
import { rightOf } from '../../../components/states.tsx';
import { texts as components } from '../../../components/texts.ts';
import { faultsOf } from '../../../data/faults.ts';
import { exactInBoth, exactTime, viewerZone } from '../../../data/time.ts';
import { errorAt, type UserError } from '../../../data/user-errors.ts';
import { useViewer } from '../../../data/viewer.ts';
import { CreateApiKeyDocument } from '../../../generated/admin/graphql.ts';
import { ShownOnce } from '../shown-once.tsx';
import { useZoneBelow } from '../use-zone-below.ts';
import { endOf, LIVES_DAYS, type LifeDays } from './key-rules.ts';
import { SitesChoice } from './sites-choice.tsx';
import { texts } from './texts.ts';

const FIELDS = ['input.name', 'input.scopes', 'input.sites'];

/** Makes an API key of the viewer's own; the secret is shown once. */
export function CreateDialog({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const viewer = useViewer();
  const zone = useZoneBelow();
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [sites, setSites] = useState<readonly string[] | null>(null);
  const [days, setDays] = useState<LifeDays>('90');
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const [made, setMade] = useState<{ secret: string; expiresAt: string } | null>(null);
  const [create, { loading }] = useMutation(CreateApiKeyDocument);
  // What was wrong with it was wrong with what it was before.
  const clear = (field: string): void => setErrors((before) => before.filter((error) => error.field !== field));
  const submit = async (): Promise<void> => {
    const missing = [
      scopes.length === 0 && { field: 'input.scopes', message: texts.create.noScopes },
      sites?.length === 0 && { field: 'input.sites', message: texts.create.noSites },
    ].filter((error) => typeof error === 'object');
    setErrors(missing);
    if (missing.length > 0) return;
    try {
      const input = { name: name.trim(), scopes, sites, expiresAt: endOf(days, Date.now()) };
      const { data } = await create({ variables: { input } });
      setErrors(data?.createApiKey?.userErrors ?? []);
      const { secret, apiKey } = data?.createApiKey ?? {};
      if (!secret || !apiKey) return;
      setMade({ secret, expiresAt: apiKey.expiresAt });
      onMade();
    } catch (err) {
      setErrors(faultsOf(err).map(({ message }) => ({ field: null, message })));
    }
  };
  if (made !== null)
    return (
      // Closed by its button alone: what it shows can't be had again.
      <Dialog
        title={texts.create.madeTitle}
        isOpen
        isBusy
        onClose={onClose}
        actions={<Button onPress={onClose}>{texts.create.close}</Button>}
      >
        <p title={exactInBoth(made.expiresAt, zone, viewerZone())}>
          {texts.create.made(name.trim(), exactTime(made.expiresAt, zone), zone)}
        </p>
        <ShownOnce label={texts.create.secret} value={made.secret} />
      </Dialog>
    );
  const atScopes = errorAt(errors, 'input.scopes');
  return (
    <Dialog
      title={texts.create.title}
      isOpen
      onClose={onClose}
      isBusy={loading}
      actions={
        <>
          <Button onPress={onClose} isDisabled={loading}>
            {components.dialog.cancel}
          </Button>
          <Button kind="primary" isPending={loading} isDisabled={name.trim() === ''} onPress={() => void submit()}>
            {texts.create.submit}
          </Button>
        </>
      }
    >
      <Field
        label={texts.create.name}
        isRequired
        autoFocus
        value={name}
        onChange={setName}
        error={errorAt(errors, 'input.name')}
      />
      <fieldset className="grants">
        <legend>{texts.create.scopes}</legend>
        {viewer.scopes.map((scope) => (
          <label key={scope} className="tick">
            <input
              type="checkbox"
              checked={scopes.includes(scope)}
              onChange={({ target }) => {
                clear('input.scopes');
                setScopes(target.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope));
              }}
            />
            <span>
              {rightOf(scope)} <span className="quiet">{scope}</span>
            </span>
          </label>
        ))}
        {atScopes !== null && (
          <p className="field-error" data-told role="alert">
            {atScopes}
          </p>
        )}
      </fieldset>
      <SitesChoice
        sites={sites}
        onChange={(next) => {
          clear('input.sites');
          setSites(next);
        }}
        error={errorAt(errors, 'input.sites')}
      />
      <Select
        label={texts.create.ends}
        value={days}
        options={LIVES_DAYS.map((value) => ({ value, text: texts.create.days(Number(value)) }))}
        onChange={setDays}
      />
      <FormFaults errors={errors} fields={FIELDS} />
    </Dialog>
  );
}
