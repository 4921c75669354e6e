import { clockTime, viewerZone } from '../data/time.ts';
import { useLive } from '../data/use-live.ts';
import { texts } from './texts.ts';

/** Whether the page is live, in a word; always in sight. */
export function ConnectionMark({ zone = viewerZone() }: { zone?: string }) {
  const live = useLive();
  const since = clockTime(live.since, zone);
  const text = {
    live: texts.connection.live,
    connecting: texts.connection.connecting,
    reconnecting: texts.connection.reconnecting(since),
  }[live.phase];
  return (
    <span className="connection-mark" data-phase={live.phase} role="status">
      <span className="connection-shape" aria-hidden="true" />
      {text}
    </span>
  );
}

/** Says over the whole page that it is not live, and as of when it is. Nothing while it is. */
export function NotLive({ zone = viewerZone() }: { zone?: string }) {
  const live = useLive();
  if (live.phase !== 'reconnecting') return null;
  return (
    <p className="not-live" role="alert">
      {texts.connection.asOf(clockTime(live.asOf, zone))}
      {live.reason !== null && <span className="quiet"> {texts.connection.why(live.reason)}</span>}
    </p>
  );
}
