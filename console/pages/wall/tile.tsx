import { Clock } from 'lucide-react';
import { memo } from 'react';
import { StatusShape } from '../../components/status-mark.tsx';
import { texts as shared } from '../../components/texts.ts';
import { TimeSince } from '../../components/time-since.tsx';
import { clockTime } from '../../data/time.ts';
import { texts } from './texts.ts';
import type { WallDevice } from './use-wall.ts';

/** One device. A thousand of them stand beside each other: it is drawn anew only when what it says has changed. */
export const Tile = memo(function Tile(props: {
  device: WallDevice;
  /** Where it stands among the tiles of its block. */
  place: number;
  detail: 'shape' | 'name' | 'all';
  zone: string;
  isFresh: boolean;
  isTabStop: boolean;
}) {
  const { device, place, detail, zone, isFresh, isTabStop } = props;
  const { id, name, status, statusSince, stale, observedAt } = device;
  const staleAsOf = stale ? (observedAt === null ? texts.notSeen : clockTime(observedAt, zone)) : null;
  const label = texts.tile(name, shared.status[status], staleAsOf);
  return (
    <li>
      {/* A plain link, which the estate follows for all of them: a thousand routed ones would each watch the address. */}
      <a
        className="wall-tile"
        href={`/devices/${id}`}
        data-place={place}
        data-status={status}
        data-stale={stale || undefined}
        data-fresh={isFresh || undefined}
        // A tile that says it all in words is called by them: who speaks to the machine says what they see (WCAG 2.2, 2.5.3).
        aria-label={detail === 'all' ? undefined : label}
        title={label}
        tabIndex={isTabStop ? 0 : -1}
      >
        <StatusShape status={status} />
        {detail !== 'shape' && <span className="wall-name">{name}</span>}
        {(detail === 'all' || (detail === 'name' && status !== 'ONLINE')) && (
          <span className="wall-word">{shared.status[status]}</span>
        )}
        {detail === 'all' && <TimeSince at={statusSince} zone={zone} className="wall-since" />}
        {staleAsOf !== null && (
          <span className="wall-stale">
            <Clock aria-hidden="true" />
            {detail === 'all' && texts.staleAsOf(staleAsOf)}
          </span>
        )}
      </a>
    </li>
  );
});
