import { NavLink } from 'react-router';
import { isAllowed, useViewer } from '../data/viewer.ts';
import { type Page, pages } from '../pages.ts';
import { texts } from './texts.ts';
import { useSite, withSite } from './use-site.ts';

/** The pages of one place that the viewer is offered. */
export function usePages(place: Page['place']): readonly Page[] {
  const viewer = useViewer();
  return pages.filter(
    ({ place: own, scopes = [], offeredTo }) =>
      own === place &&
      isAllowed(viewer, scopes) &&
      (offeredTo === undefined || offeredTo.some((scope) => isAllowed(viewer, [scope]))),
  );
}

/** The places: a rail on a desk, a bar at the bottom on a phone. */
export function Places() {
  const site = useSite();
  return (
    <nav aria-label={texts.places} className="places">
      <ul>
        {usePages('rail').map(({ name, paths, title, icon: Icon, isBySite = false }) => (
          <li key={name}>
            <NavLink to={withSite(paths[0], isBySite ? site : null)}>
              <Icon aria-hidden="true" />
              <span>{title}</span>
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
