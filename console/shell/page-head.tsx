import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { usePageTitle } from './page-title.ts';
import { texts } from './texts.ts';

/** The first line of every page: where it is, what it is called, and what can be done with it. It names the tab as well. */
export function PageHead(props: {
  title: string;
  /** From the largest place to the nearest. */
  trail?: readonly { text: string; to: string }[];
  /** Stands behind the title: a status, a count. */
  aside?: ReactNode;
  /** Buttons, and the range of time. */
  actions?: ReactNode;
}) {
  const { title, trail = [], aside, actions } = props;
  usePageTitle(title);
  return (
    <header className="page-head">
      {trail.length > 0 && (
        <nav className="page-trail" aria-label={texts.trail}>
          <ol>
            {trail.map(({ text, to }, index) => (
              <li key={to}>
                {index > 0 && <ChevronRight size={14} aria-hidden="true" />}
                <Link to={to}>{text}</Link>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div className="page-title">
        <h1>{title}</h1>
        {aside}
        {actions !== undefined && <div className="page-actions">{actions}</div>}
      </div>
    </header>
  );
}
