import { exactInBoth, timeSince, viewerZone } from '../data/time.ts';
import { useNowText } from '../data/use-now.ts';
import { texts } from './texts.ts';

/** For how long something has been so; on hover since when exactly, in the zone of its site and in the viewer's. */
export function TimeSince({ at, zone, className = '' }: { at: string; zone: string; className?: string }) {
  const text = useNowText((now) => texts.forTime(timeSince(at, now)));
  return (
    <time
      className={`number ${className}`}
      dateTime={at}
      title={texts.sinceExactly(exactInBoth(at, zone, viewerZone()))}
    >
      {text}
    </time>
  );
}
