import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Link } from 'react-router';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { rightOf } from '../../components/states.tsx';
import { say } from '../../components/toast.tsx';
import { faultsOf } from '../../data/faults.ts';
import { errorAt, restOf, type UserError } from '../../data/user-errors.ts';
import { useViewer } from '../../data/viewer.ts';
import { ChangePasswordDocument } from '../../generated/account/graphql.ts';
import { PageHead } from '../../shell/page-head.tsx';
import './account.css';
import { texts } from './texts.ts';

const FIELDS = ['input.currentPassword', 'input.newPassword'];

export function Page() {
  const viewer = useViewer();
  return (
    <div className="page account">
      <PageHead title={texts.title} />
      <p>{texts.who(viewer.name, viewer.email)}</p>
      <section>
        <h2>{texts.may}</h2>
        <p className="quiet">{viewer.sites === null ? texts.everywhere : texts.at(viewer.sites.join(', '))}</p>
        <ul>
          {viewer.scopes.map((scope) => (
            <li key={scope}>{rightOf(scope)}</li>
          ))}
        </ul>
      </section>
      <section>
        <h2>{texts.keys}</h2>
        <p>
          <Link to="/admin/keys">{texts.toKeys}</Link>
        </p>
      </section>
      <ChangePassword email={viewer.email} />
    </div>
  );
}

function ChangePassword({ email }: { email: string }) {
  const [currentPassword, setCurrent] = useState('');
  const [newPassword, setNext] = useState('');
  const [errors, setErrors] = useState<readonly UserError[]>([]);
  const [change, { loading }] = useMutation(ChangePasswordDocument);
  const submit = async (): Promise<void> => {
    try {
      const { data } = await change({ variables: { input: { currentPassword, newPassword } } });
      setErrors(data?.changePassword?.userErrors ?? []);
      if (data?.changePassword?.ok !== true) return;
      setCurrent('');
      setNext('');
      say('done', texts.done);
    } catch (err) {
      setErrors(faultsOf(err).map(({ message }) => ({ field: null, message })));
    }
  };
  return (
    <section>
      <h2>{texts.change}</h2>
      <p className="quiet">{texts.consequence}</p>
      <Form
        className="account-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!loading) void submit();
        }}
      >
        {/* Tells password managers whose password it is. */}
        <input type="text" autoComplete="username" value={email} readOnly hidden />
        <Field
          label={texts.current}
          type="password"
          autoComplete="current-password"
          isRequired
          value={currentPassword}
          onChange={setCurrent}
          error={errorAt(errors, 'input.currentPassword')}
        />
        <Field
          label={texts.next}
          type="password"
          autoComplete="new-password"
          isRequired
          hint={texts.nextHint}
          value={newPassword}
          onChange={setNext}
          error={errorAt(errors, 'input.newPassword')}
        />
        {restOf(errors, FIELDS).map((message) => (
          <p key={message} className="field-error" role="alert">
            {message}
          </p>
        ))}
        <Button kind="primary" type="submit" isPending={loading}>
          {texts.submit}
        </Button>
      </Form>
    </section>
  );
}
