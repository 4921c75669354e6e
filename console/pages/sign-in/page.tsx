import { useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { Link } from 'react-router';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import type { SignInRefusal } from '../../session/rules.ts';
import { useSession, useSessionState } from '../../session/use-session.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import '../../components/door.css';
import { texts } from './texts.ts';

function refusalText(refusal: SignInRefusal): string {
  switch (refusal.kind) {
    case 'wrong':
      return texts.wrong;
    case 'disabled':
      return texts.disabled;
    case 'throttled':
      return texts.throttled(refusal.retryAfterSeconds);
    case 'away':
      return texts.away;
    case 'other':
      return texts.other(refusal.code, refusal.message);
    default:
      return refusal satisfies never;
  }
}

export function Page() {
  usePageTitle(texts.title);
  const session = useSession();
  const state = useSessionState();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [refusal, setRefusal] = useState<SignInRefusal | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const submit = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setRefusal(null);
    const came = await session.signIn(email.trim(), password);
    setBusy(false);
    setRefusal(came);
    if (came?.kind !== 'wrong') return;
    setPassword('');
    form.current?.querySelector<HTMLInputElement>('[name=password]')?.focus();
  };
  return (
    <main className="door">
      <h1>{texts.title}</h1>
      {state.phase === 'signedOut' && state.ended && refusal === null && <p className="quiet">{texts.ended}</p>}
      <Form
        ref={form}
        className="door-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field
          label={texts.email}
          type="email"
          name="email"
          autoComplete="username"
          isRequired
          autoFocus
          value={email}
          onChange={setEmail}
        />
        <Field
          label={texts.password}
          type="password"
          name="password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={setPassword}
        />
        {refusal !== null && (
          <p className="field-error" role="alert">
            {refusalText(refusal)}
          </p>
        )}
        <Button kind="primary" type="submit" isPending={isBusy}>
          {texts.submit}
        </Button>
      </Form>
      <section className="door-more">
        <h2>{texts.first.title}</h2>
        <p className="quiet">{texts.first.text}</p>
        <p className="quiet">
          {texts.first.invited} <Link to="/join">{texts.first.join}</Link>
        </p>
      </section>
    </main>
  );
}
