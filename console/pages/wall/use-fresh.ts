import { useEffect, useState } from 'react';
import { useLiveConnection } from '../../data/use-live.ts';

/** For as long a change stands out from those before it. */
const FRESH_MS = 10_000;
const SWEEP_MS = 1_000;

/**
 * The devices whose status changed in the last ten seconds. One clock for all of them: it runs only while there are any.
 */
export function useFresh(): ReadonlySet<string> {
  const { recent } = useLiveConnection();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(() => new Set());

  useEffect(() => {
    const until = new Map<string, number>();
    let newest = recent.get()[0]?.cursor;
    let timer: ReturnType<typeof setInterval> | undefined;
    const sweep = (): void => {
      const now = performance.now();
      for (const [id, end] of until) if (end <= now) until.delete(id);
      setFresh(new Set(until.keys()));
      if (until.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    };
    const take = (): void => {
      const changes = recent.get();
      const end = performance.now() + FRESH_MS;
      for (const { cursor, device } of changes) {
        if (cursor === newest) break;
        if (device !== null) until.set(device.id, end);
      }
      newest = changes[0]?.cursor;
      setFresh(new Set(until.keys()));
      timer ??= setInterval(sweep, SWEEP_MS);
    };
    const unsubscribe = recent.subscribe(take);
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }, [recent]);
  return fresh;
}
