import type { StopList } from './lifecycle.ts';

/**
 * A kind of part of which the services of one process have one together: who asks first opens it and hands it to the list, which closes it
 * after all that was opened later. Parts with another key, or of another list, are others.
 */
export function sharedParts<Part>(): (stops: StopList, key: string, open: () => Part) => Part {
  const byList = new WeakMap<StopList, Map<string, Part>>();
  return (stops, key, open) => {
    const parts = byList.get(stops) ?? new Map<string, Part>();
    byList.set(stops, parts);
    const known = parts.get(key);
    if (known !== undefined) return known;
    const part = open();
    parts.set(key, part);
    return part;
  };
}
