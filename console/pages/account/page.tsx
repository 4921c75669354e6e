import { useMutation } from '@apollo/client/react';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { Link } from 'react-router';
import { Button } from '../../components/button.tsx';
import { Field } from '../../components/field.tsx';
import { FormFaults } from '../../components/form-faults.tsx';
import { NewPasswordField } from '../../components/new-password-field.tsx';
import { rightOf } from '../../components/states.tsx';
import { say } from '../../components/toast.tsx';
import { faultsOf } from '../../data/faults.ts';
import { grantOf, inOrder, printGrant, roleHint } from '../../data/grants.ts';
import { errorAt, type UserError } from '../../data/user-errors.ts';
import { useViewer, type Viewer } from '../../data/viewer.ts';
import { ChangePasswordDocument } from '../../generated/account/graphql.ts';
import { PageHead } from '../../shell/page-head.tsx';
import './account.css';
import { rightsByPlace } from './right-rules.ts';
import { texts } from './texts.ts';

const FIELDS = ['input.currentPassword', 'input.newPassword'];

export function Page() {
  const viewer = useViewer();
  return (
    <div className="page account">
      <PageHead title={texts.title} />
      <dl className="facts account-who">
        <div>
          <dt>{texts.name}</dt>
          <dd>{viewer.name}</dd>
        </div>
        <div>
          <dt>{texts.email}</dt>
          <dd>{viewer.email}</dd>
        </div>
      </dl>
      <Access viewer={viewer} />
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

/** The roles that the viewer has, and what follows from them at which places. */
function Access({ viewer }: { viewer: Viewer }) {
  const grants = inOrder(viewer.grants.map(grantOf));
  return (
    <>
      <section aria-labelledby="account-roles">
        <h2 id="account-roles">{texts.roles}</h2>
        {grants.length === 0 && <p>{texts.noRoles}</p>}
        <ul className="account-list">
          {grants.map((grant) => (
            <li key={printGrant(grant)}>
              {printGrant(grant)}
              <span className="field-hint"> {roleHint(grant.role)}</span>
            </li>
          ))}
        </ul>
      </section>
      {viewer.rights.length > 0 && (
        <section aria-labelledby="account-may">
          <h2 id="account-may">{texts.may}</h2>
          <dl className="account-rights">
            {rightsByPlace(viewer.rights).map(({ sites, scopes }) => (
              <div key={JSON.stringify(sites)}>
                <dt>{sites === null ? texts.everywhere : texts.at(sites.join(', '))}</dt>
                {scopes.map((scope) => (
                  <dd key={scope}>{rightOf(scope)}</dd>
                ))}
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
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
        <NewPasswordField
          label={texts.next}
          value={newPassword}
          onChange={setNext}
          error={errorAt(errors, 'input.newPassword')}
        />
        <FormFaults errors={errors} fields={FIELDS} />
        <Button kind="primary" type="submit" isPending={loading}>
          {texts.submit}
        </Button>
      </Form>
    </section>
  );
}
