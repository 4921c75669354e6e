import { X } from 'lucide-react';
import { Button } from '../../../components/button.tsx';
import { Select } from '../../../components/select.tsx';
import { useSites } from '../../../data/use-sites.ts';
import { allPlaces } from '../../../shell/site-rules.ts';
import { texts } from './texts.ts';

/** Where a key may: null, wherever its maker may; or some sites and those below them. */
export function SitesChoice(props: {
  sites: readonly string[] | null;
  onChange: (sites: readonly string[] | null) => void;
  error?: string | null;
}) {
  const { sites, onChange, error = null } = props;
  const places = allPlaces(useSites().map(({ path }) => path));
  const rest = places.filter((path) => sites?.includes(path) !== true);
  return (
    <fieldset className="grants">
      <legend>{texts.create.sites}</legend>
      <label className="tick">
        <input type="radio" name="key-sites" checked={sites === null} onChange={() => onChange(null)} />
        {texts.create.anywhere}
      </label>
      <label className="tick">
        <input type="radio" name="key-sites" checked={sites !== null} onChange={() => onChange(sites ?? [])} />
        {texts.create.atSites}
      </label>
      {sites !== null && sites.length > 0 && (
        <ul className="chips">
          {sites.map((site) => (
            <li key={site} className="chip">
              {site}
              <Button
                kind="plain"
                aria-label={texts.create.removeSite(site)}
                icon={<X aria-hidden="true" />}
                onPress={() => onChange(sites.filter((one) => one !== site))}
              />
            </li>
          ))}
        </ul>
      )}
      {sites !== null && rest.length > 0 && (
        <Select
          label={texts.create.addSite}
          isLabelHidden
          value=""
          options={[{ value: '', text: texts.create.chooseSite }, ...rest.map((path) => ({ value: path, text: path }))]}
          onChange={(site) => site !== '' && onChange([...sites, site])}
        />
      )}
      {error !== null && (
        <p className="field-error" data-told role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
