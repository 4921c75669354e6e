import { Field, type FieldProps } from './field.tsx';
import { texts } from './texts.ts';

/** A password that somebody chooses, with what it has to be (subgraphs/accounts/rules/passwords.ts). */
export function NewPasswordField(props: Pick<FieldProps, 'label' | 'value' | 'onChange' | 'error'>) {
  return <Field {...props} type="password" autoComplete="new-password" isRequired hint={texts.field.newPassword} />;
}
