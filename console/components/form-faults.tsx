import { restOf, type UserError } from '../data/user-errors.ts';

/** What is wrong with a form, and none of its fields says: mistakes of no field, and of those that are not shown. @param props.fields the paths of those that say their own */
export function FormFaults({ errors, fields }: { errors: readonly UserError[]; fields: readonly string[] }) {
  return restOf(errors, fields).map((message) => (
    <p key={message} className="field-error" data-told role="alert">
      {message}
    </p>
  ));
}
