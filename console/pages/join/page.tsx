import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Link, useLocation } from 'react-router';
import { Button } from '../../components/button.tsx';
import '../../components/door.css';
import { Field } from '../../components/field.tsx';
import { FormFaults } from '../../components/form-faults.tsx';
import { NewPasswordField } from '../../components/new-password-field.tsx';
import { askAnyone } from '../../data/ask-anyone.ts';
import { errorAt, type UserError } from '../../data/user-errors.ts';
import { RegisterDocument } from '../../generated/join/graphql.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { texts } from './texts.ts';

/** The fields that say themselves what is wrong with them. */
const FIELDS = ['input.email', 'input.name', 'input.password', 'input.invitation'];

export function Page() {
  usePageTitle(texts.title);
  // After the hash: what stands there is sent to no server, and into no log of one.
  const [invitation, setInvitation] = useState(
    new URLSearchParams(useLocation().hash.slice(1)).get('invitation') ?? '',
  );
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const [phase, setPhase] = useState<'filling' | 'busy' | 'made'>('filling');
  const submit = async (): Promise<void> => {
    if (phase === 'busy') return;
    setPhase('busy');
    try {
      const input = { email: email.trim(), password, name: name.trim() || null, invitation: invitation.trim() || null };
      const { register } = await askAnyone(RegisterDocument, { input });
      setErrors(register?.userErrors ?? []);
      setPhase(register?.user ? 'made' : 'filling');
    } catch (err) {
      setErrors([{ field: null, message: err instanceof Error ? err.message : String(err) }]);
      setPhase('filling');
    }
  };
  if (phase === 'made')
    return (
      <main className="door">
        <h1>{texts.made}</h1>
        <p className="quiet">{texts.madeText(email.trim())}</p>
        <Link className="button" data-kind="primary" to="/">
          {texts.signIn}
        </Link>
      </main>
    );
  return (
    <main className="door">
      <h1>{texts.title}</h1>
      <p className="quiet">{texts.text}</p>
      <Form
        className="door-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field
          label={texts.email}
          type="email"
          autoComplete="username"
          isRequired
          autoFocus
          value={email}
          onChange={setEmail}
          error={errorAt(errors, 'input.email')}
        />
        <Field
          label={texts.name}
          autoComplete="name"
          value={name}
          onChange={setName}
          error={errorAt(errors, 'input.name')}
        />
        <NewPasswordField
          label={texts.password}
          value={password}
          onChange={setPassword}
          error={errorAt(errors, 'input.password')}
        />
        <Field
          label={texts.invitation}
          isRequired
          hint={texts.invitationHint}
          value={invitation}
          onChange={setInvitation}
          error={errorAt(errors, 'input.invitation')}
        />
        <FormFaults errors={errors} fields={FIELDS} />
        <Button kind="primary" type="submit" isPending={phase === 'busy'}>
          {texts.submit}
        </Button>
      </Form>
    </main>
  );
}
