import { useEffect, useState } from 'react';
import { clockTime, exactInBoth, viewerZone } from '../../data/time.ts';
import { texts } from './texts.ts';

/** The time in a zone, to the second; on hover in the viewer's as well. */
export function Clock({ zone }: { zone: string }) {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      setNow(new Date());
      timer = setTimeout(tick, 1_000 - (Date.now() % 1_000));
    };
    tick();
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="wall-clock" title={exactInBoth(now, zone, viewerZone())}>
      <time className="number" dateTime={now.toISOString()}>
        {clockTime(now, zone)}
      </time>
      <span className="quiet">{texts.zone(zone)}</span>
    </div>
  );
}
