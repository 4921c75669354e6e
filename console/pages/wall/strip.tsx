import { ArrowLeft, Clock as ClockIcon } from 'lucide-react';
import { Link } from 'react-router';
import { StatusShape } from '../../components/status-mark.tsx';
import { STATUSES } from '../../components/status-rules.ts';
import { texts as shared } from '../../components/texts.ts';
import { ConnectionMark } from '../../shell/connection-mark.tsx';
import { withSite } from '../../shell/use-site.ts';
import { Clock } from './clock.tsx';
import { FullScreen } from './full-screen.tsx';
import { texts } from './texts.ts';
import type { Counts } from './wall-rules.ts';

/** What is read from three metres: how many there are of each status, what time it is there, and whether all this is live. */
export function Strip({ counts, site, zone }: { counts: Counts | null; site: string | null; zone: string }) {
  return (
    <section className="wall-strip" aria-label={texts.strip}>
      <h1 className={site === null ? 'visually-hidden' : 'wall-where'}>{site === null ? texts.heading(null) : site}</h1>
      <dl className="wall-counts">
        {STATUSES.map((status) => {
          const count = counts?.[status] ?? null;
          return (
            <div key={status} data-status={status} data-none={count === 0 || undefined}>
              <dt>
                <StatusShape status={status} />
                {shared.status[status]}
              </dt>
              <dd className="number">{count?.toLocaleString('en') ?? '–'}</dd>
            </div>
          );
        })}
        {counts !== null && counts.stale > 0 && (
          <div data-status="stale">
            <dt>
              <ClockIcon aria-hidden="true" />
              {texts.staleCount}
            </dt>
            <dd className="number">{counts.stale.toLocaleString('en')}</dd>
          </div>
        )}
      </dl>
      <div className="wall-tools">
        <ConnectionMark zone={zone} />
        <FullScreen />
        <Link className="wall-back" to={withSite('/devices', site)}>
          <ArrowLeft size={16} aria-hidden="true" />
          {texts.back}
        </Link>
      </div>
      <Clock zone={zone} />
    </section>
  );
}
