import { exactInBoth, relativeTime, viewerZone } from '../data/time.ts';
import { useNow } from '../data/use-now.ts';
import { texts } from './texts.ts';

/** How long ago something was; on hover when exactly, in the zone of its site and in the viewer's. */
export function RelativeTime({ at, zone }: { at: string | Date | null; zone?: string }) {
  const now = useNow();
  if (at === null) return <span className="quiet">{texts.neverSeen}</span>;
  const own = viewerZone();
  return (
    <time className="number" dateTime={new Date(at).toISOString()} title={exactInBoth(at, zone ?? own, own)}>
      {relativeTime(at, now)}
    </time>
  );
}
