import { type ReactNode, useEffect, useRef } from 'react';
import { NavLink } from 'react-router';
import '../../components/tabs.css';
import { useViewer } from '../../data/viewer.ts';
import { PageHead } from '../../shell/page-head.tsx';
import { lackOf, PARTS, type Part } from './parts.ts';
import { texts } from './texts.ts';

/** What stands around each part: its title, and the way to the others. `isFilling`: its last piece takes what is left of the screen. */
export function Frame(props: {
  part: Part['id'];
  isFilling?: boolean;
  aside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  const { part, isFilling = false, aside, actions, children } = props;
  const viewer = useViewer();
  const nav = useRef<HTMLElement>(null);
  // On a phone the parts scroll: the one that is shown is in sight.
  useEffect(() => {
    nav.current?.querySelector(`[href="/admin/${part}"]`)?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [part]);
  return (
    <div className={`page admin ${isFilling ? 'page-fill' : ''}`}>
      <PageHead
        title={texts.part[part]}
        trail={[{ text: texts.title, to: '/admin' }]}
        aside={aside}
        actions={actions}
      />
      <nav ref={nav} aria-label={texts.parts}>
        <ul className="tab-list admin-parts">
          {PARTS.filter((one) => lackOf(one, viewer) === 'nothing').map(({ id }) => (
            <li key={id}>
              <NavLink className="tab" to={`/admin/${id}`}>
                {texts.part[id]}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </div>
  );
}
