import { useSearchParams } from 'react-router';

/** The parameter of the address that holds the site which narrows what is shown. */
export const SITE = 'site';

/** The site that was chosen in the rail, and below which all is shown; null: everything. */
export function useSite(): string | null {
  const [search] = useSearchParams();
  return search.get(SITE) || null;
}

/** An address of another page that keeps the site. */
export const withSite = (path: string, site: string | null): string =>
  site === null ? path : `${path}?${new URLSearchParams({ [SITE]: site })}`;
