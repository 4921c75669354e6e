import { ChevronDown, ChevronRight } from 'lucide-react';
import { Link, matchPath, useLocation, useSearchParams } from 'react-router';
import { Select } from '../components/select.tsx';
import { useSites } from '../data/use-sites.ts';
import { pages } from '../pages.ts';
import { allPlaces, visiblePlaces } from './site-rules.ts';
import { texts } from './texts.ts';
import { SITE, useSite, withSite } from './use-site.ts';

/** Where a site narrows nothing, it leads there. */
const LISTED = '/devices';

/** Whether the page that one is at is narrowed by a site; and an address for each site: that page narrowed to it, or its devices. */
function useNarrowed(): { isBySite: boolean; narrowed: (site: string | null) => string } {
  const { pathname } = useLocation();
  const [search] = useSearchParams();
  const isBySite = pages.some(
    (page) => page.isBySite === true && page.paths.some((path) => matchPath(path, pathname) !== null),
  );
  const narrowed = (site: string | null): string => {
    if (!isBySite) return withSite(LISTED, site);
    const next = new URLSearchParams(search);
    if (site === null) next.delete(SITE);
    else next.set(SITE, site);
    return `${pathname}${next.size > 0 ? `?${next}` : ''}`;
  };
  return { isBySite, narrowed };
}

/** The sites as a filter that stays in the address. */
export function SiteTree() {
  const sites = useSites();
  const chosen = useSite();
  const { isBySite, narrowed } = useNarrowed();
  if (sites.length === 0) return null;
  const item = (site: string | null) => ({
    'aria-current': isBySite && chosen === site ? ('true' as const) : undefined,
    to: narrowed(site),
    className: 'rail-site',
  });
  return (
    <nav aria-label={texts.sites} className="rail-sites">
      <h2>{texts.sites}</h2>
      <ul>
        <li>
          <Link {...item(null)}>
            <span className="rail-site-mark" />
            {texts.allSites}
          </Link>
        </li>
        {visiblePlaces(
          sites.map(({ path }) => path),
          chosen,
        ).map(({ path, name, depth, isOpen, hasChildren }) => (
          <li key={path} style={{ paddingInlineStart: depth * 12 }}>
            <Link {...item(path)} title={path}>
              <span className="rail-site-mark">
                {hasChildren &&
                  (isOpen ? (
                    <ChevronDown size={14} aria-hidden="true" />
                  ) : (
                    <ChevronRight size={14} aria-hidden="true" />
                  ))}
              </span>
              <span>{name}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The same where there is no room for a tree. */
export function SiteSelect({ onChoose }: { onChoose: (address: string) => void }) {
  const sites = useSites();
  const chosen = useSite();
  const { narrowed } = useNarrowed();
  const options = [
    { value: '', text: texts.allSites },
    ...allPlaces(sites.map(({ path }) => path)).map((path) => ({ value: path, text: path })),
  ];
  return (
    <Select
      label={texts.site}
      isLabelHidden
      value={chosen ?? ''}
      options={options}
      onChange={(site) => onChoose(narrowed(site === '' ? null : site))}
    />
  );
}
