import { clockTime, exactInBoth, viewerZone } from '../data/time.ts';
import { useLive } from '../data/use-live.ts';
import { useSites, zoneBelow } from '../data/use-sites.ts';
import { texts } from './texts.ts';

/** Whether the page is live, in a word; always in sight. Without a `zone` times are in that of all sites. */
export function ConnectionMark({ zone }: { zone?: string }) {
  const live = useLive();
  const ofAll = zoneBelow(useSites(), null);
  const since = clockTime(live.since, zone ?? ofAll);
  const text = {
    live: texts.connection.live,
    connecting: texts.connection.connecting,
    reconnecting: texts.connection.reconnecting(since),
  }[live.phase];
  return (
    <span className="connection-mark" data-phase={live.phase} role="status">
      <span className="connection-shape" aria-hidden="true" />
      <span title={exactInBoth(live.since, zone ?? ofAll, viewerZone())}>{text}</span>
    </span>
  );
}

/** Says over the whole page that it is not live, and as of when it is. Nothing while it is. */
export function NotLive({ zone }: { zone?: string }) {
  const live = useLive();
  const ofAll = zoneBelow(useSites(), null);
  if (live.phase !== 'reconnecting') return null;
  return (
    <p className="not-live" role="alert" title={exactInBoth(live.asOf, zone ?? ofAll, viewerZone())}>
      {texts.connection.asOf(clockTime(live.asOf, zone ?? ofAll))}
      {live.reason !== null && <span className="quiet"> {texts.connection.why(live.reason)}</span>}
    </p>
  );
}
