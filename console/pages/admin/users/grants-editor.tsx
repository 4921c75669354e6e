import { Plus, X } from 'lucide-react';
import { Button } from '../../../components/button.tsx';
import { Select } from '../../../components/select.tsx';
import { type Grant, printGrant, ROLES, roleHint, roleName } from '../../../data/grants.ts';
import { useSites } from '../../../data/use-sites.ts';
import { placesOf, useViewer, type Viewer } from '../../../data/viewer.ts';
import { allPlaces } from '../../../shell/site-rules.ts';
import { texts } from './texts.ts';

/** The most grants that somebody may have (subgraphs/accounts/schema.graphql). */
const MAX_GRANTS = 50;

/** What somebody is given to begin with: the least, as far as the viewer may give it. */
export const firstGrant = (viewer: Viewer): Grant => ({
  role: 'VIEWER',
  site: placesOf(viewer, 'accounts:write')?.[0] ?? null,
});

/** Roles, each with where it holds. */
export function GrantsEditor(props: {
  grants: readonly Grant[];
  onChange: (grants: readonly Grant[]) => void;
  error?: string | null;
}) {
  const { grants, onChange, error = null } = props;
  const viewer = useViewer();
  const places = allPlaces(useSites().map(({ path }) => path));
  // Who manages some sites only may give nothing that holds everywhere.
  const mayEverywhere = placesOf(viewer, 'accounts:write') === null;
  const put = (at: number, change: Partial<Grant>): void =>
    onChange(grants.map((grant, index) => (index === at ? { ...grant, ...change } : grant)));
  const sitesFor = ({ site }: Grant) => [
    ...(mayEverywhere || site === null ? [{ value: '', text: texts.grants.everywhere }] : []),
    ...[...new Set([...places, ...(site === null ? [] : [site])])].map((path) => ({ value: path, text: path })),
  ];
  return (
    <fieldset className="grants">
      <legend>{texts.grants.legend}</legend>
      {grants.length === 0 && <p className="quiet">{texts.grants.none}</p>}
      <ul>
        {grants.map((grant, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two of them may be alike while they are edited
          <li key={at} className="grant">
            <Select
              label={texts.grants.role(at + 1)}
              isLabelHidden
              value={grant.role}
              options={ROLES.map((role) => ({ value: role, text: roleName(role) }))}
              onChange={(role) => put(at, { role })}
            />
            <Select
              label={texts.grants.site(at + 1)}
              isLabelHidden
              value={grant.site ?? ''}
              options={sitesFor(grant)}
              onChange={(site) => put(at, { site: site === '' ? null : site })}
            />
            <Button
              kind="plain"
              aria-label={texts.grants.remove(printGrant(grant))}
              icon={<X aria-hidden="true" />}
              onPress={() => onChange(grants.filter((_, index) => index !== at))}
            />
            <p className="field-hint">{roleHint(grant.role)}</p>
          </li>
        ))}
      </ul>
      {error !== null && (
        <p className="field-error" data-told role="alert">
          {error}
        </p>
      )}
      <Button
        icon={<Plus aria-hidden="true" />}
        isDisabled={grants.length >= MAX_GRANTS}
        onPress={() => onChange([...grants, firstGrant(viewer)])}
      >
        {texts.grants.add}
      </Button>
    </fieldset>
  );
}
