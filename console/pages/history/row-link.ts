import type { AvailabilityGroup } from '../../generated/history/graphql.ts';

/** Where a group leads: a device to its page over the same range, all else to its devices here. `search` is that of the page. */
export function rowLink(by: AvailabilityGroup, group: string, search: string): string {
  const address = new URLSearchParams(search);
  if (by === 'DEVICE') {
    const range = [...address].filter(([name]) => ['range', 'from', 'to'].includes(name));
    return `/devices/${encodeURIComponent(group)}?${new URLSearchParams(range)}`;
  }
  address.set('by', 'device');
  if (by === 'SITE') address.set('site', group);
  else address.set('system', group.toLowerCase());
  return `/history?${address}`;
}
