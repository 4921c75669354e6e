import { Clock, Wrench } from 'lucide-react';
import type { Status } from './status-rules.ts';
import './status-mark.css';
import { texts } from './texts.ts';

/** The shape of a status: told from the others without any colour. */
export function StatusShape({ status }: { status: Status }) {
  return (
    <svg className="status-shape" data-status={status} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {status === 'ONLINE' && <circle cx="8" cy="8" r="4" />}
      {status === 'DEGRADED' && (
        <>
          <path d="M8 1 15.5 14.5H.5Z" />
          <path className="status-shape-inner" d="M8 6v4M8 11.6v1.2" />
        </>
      )}
      {status === 'OFFLINE' && (
        <>
          <rect x="1" y="1" width="14" height="14" rx="2" />
          <path className="status-shape-inner" d="m5 5 6 6m0-6-6 6" />
        </>
      )}
      {status === 'UNKNOWN' && <circle className="status-shape-ring" cx="8" cy="8" r="5.5" />}
    </svg>
  );
}

/**
 * A status as colour, shape and word. `staleAsOf` is the time to say where nobody looked lately; `isQuiet` leaves the word to those who can't see
 * the shape, for places where it stands in a legend.
 */
export function StatusMark(props: {
  status: Status;
  staleAsOf?: string | null | undefined;
  isInMaintenance?: boolean;
  isQuiet?: boolean;
}) {
  const { status, staleAsOf = null, isInMaintenance = false, isQuiet = false } = props;
  return (
    <span className="status-mark" data-status={status} data-stale={staleAsOf !== null || undefined}>
      <StatusShape status={status} />
      <span className={isQuiet ? 'visually-hidden' : undefined}>{texts.status[status]}</span>
      {isInMaintenance && (
        <span className="status-maintenance">
          <Wrench size={14} aria-hidden="true" /> {texts.status.MAINTENANCE}
        </span>
      )}
      {staleAsOf !== null && (
        <span className="status-stale">
          <Clock size={14} aria-hidden="true" />
          <span className="visually-hidden">{texts.status.stale} </span>
          {texts.status.asOf(staleAsOf)}
        </span>
      )}
    </span>
  );
}
