import type { Grant } from '../../../data/grants.ts';
import { errorAt, type UserError } from '../../../data/user-errors.ts';
import { ReasonField, reasonOf } from '../reason-field.tsx';
import { GrantsEditor } from './grants-editor.tsx';

/** What somebody may do, and why they may. */
export type Access = { readonly grants: readonly Grant[]; readonly reason: string };

/** The paths of the mistakes that these fields say themselves. */
export const ACCESS_FIELDS: readonly string[] = ['input.grants', 'input.reason'];

export const accessInput = ({ grants, reason }: Access) => ({ grants, reason: reasonOf(reason) });

/** The roles of somebody, each with where it holds, and why they have them. */
export function AccessFields(props: {
  access: Access;
  onChange: (access: Access) => void;
  errors: readonly UserError[];
}) {
  const { access, onChange, errors } = props;
  return (
    <>
      <GrantsEditor
        grants={access.grants}
        onChange={(grants) => onChange({ ...access, grants })}
        error={errorAt(errors, 'input.grants')}
      />
      <ReasonField
        value={access.reason}
        onChange={(reason) => onChange({ ...access, reason })}
        error={errorAt(errors, 'input.reason')}
      />
    </>
  );
}
