import { STATUSES, type Status } from '../../components/status-rules.ts';
import type { SiteCount } from './layout-rules.ts';

export type Placed = {
  readonly id: string;
  readonly name: string;
  readonly site: string;
  readonly status: Status;
  readonly stale: boolean;
};

const collator = new Intl.Collator('en', { numeric: true });

/** Devices by site, sites and the devices of each in an order that no status changes. */
export function bySite<Device extends Placed>(devices: readonly Device[]): ReadonlyMap<string, readonly Device[]> {
  const ordered = devices.toSorted(
    (a, b) => collator.compare(a.site, b.site) || collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1),
  );
  return Map.groupBy(ordered, ({ site }) => site);
}

/** What stands on the wall, and from which list it was made. */
export type Grouped<Device> = { devices: readonly Device[]; sites: ReadonlyMap<string, readonly Device[]> };

/**
 * The same as `bySite`, from what it was before: where only statuses changed nothing is sorted anew, and sites in which nothing changed keep
 * their list.
 */
export function regroup<Device extends Placed>(
  before: Grouped<Device> | null,
  devices: readonly Device[],
): Grouped<Device> {
  if (before?.devices === devices) return before;
  const changed = new Map<string, Device>();
  for (const [index, device] of devices.entries()) {
    const held = before?.devices[index];
    if (held === device) continue;
    if (held?.id !== device.id || held.name !== device.name || held.site !== device.site)
      return { devices, sites: bySite(devices) };
    changed.set(device.id, device);
  }
  if (before === null || before.devices.length !== devices.length) return { devices, sites: bySite(devices) };
  const touched = new Set([...changed.values()].map(({ site }) => site));
  const sites = [...before.sites].map(
    ([path, held]) =>
      [path, touched.has(path) ? held.map((device) => changed.get(device.id) ?? device) : held] as const,
  );
  return { devices, sites: new Map(sites) };
}

export const countsOf = (sites: ReadonlyMap<string, readonly unknown[]>): SiteCount[] =>
  [...sites].map(([path, devices]) => ({ path, count: devices.length }));

export type Counts = Readonly<Record<Status, number>> & { readonly stale: number };

export function countStatuses(devices: readonly Placed[]): Counts {
  const counts = { OFFLINE: 0, DEGRADED: 0, UNKNOWN: 0, ONLINE: 0, stale: 0 };
  for (const { status, stale } of devices) {
    counts[status] += 1;
    if (stale) counts.stale += 1;
  }
  return counts;
}

/** The zone whose clock the wall shows: the one that holds for most of the devices; null without any. */
export function commonZone(sites: readonly SiteCount[], zoneOf: (path: string) => string): string | null {
  const votes = new Map<string, number>();
  for (const { path, count } of sites) votes.set(zoneOf(path), (votes.get(zoneOf(path)) ?? 0) + count);
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** The tile that an arrow leads to from the one at `index` of a block of so many; null where there is none that way. */
export function nextTile(key: string, index: number, count: number, columns: number): number | null {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined || next < 0 || next >= count || next === index ? null : next;
}

/** The worst of some statuses, which is what they are drawn as together. */
export const worstOf = (counts: Readonly<Partial<Record<Status, number>>>): Status | null =>
  STATUSES.find((status) => (counts[status] ?? 0) > 0) ?? null;

/** A list with what is newer of some of its items, by their id. */
export function overlaid<Item extends { readonly id: string }>(list: readonly Item[], newer: readonly Item[]): Item[] {
  const byId = new Map(newer.map((item) => [item.id, item]));
  return list.map((item) => byId.get(item.id) ?? item);
}

/** Whether a site is another one, or below it; everything is below null. */
export const isWithin = (site: string, above: string | null): boolean =>
  above === null || site === above || site.startsWith(`${above}/`);

type Told = { readonly id: string; readonly status: Status; readonly statusSince: string };

/** The devices with what changed of them since: of each the newest, and only what is newer than what is known. The same list where nothing is. */
export function withChanges<Device extends Told>(
  devices: readonly Device[],
  came: readonly ((Partial<Device> & Told) | null)[],
): readonly Device[] {
  const newest = new Map<string, Partial<Device> & Told>();
  for (const device of came) {
    if (device === null) continue;
    const held = newest.get(device.id);
    if (held === undefined || Date.parse(held.statusSince) < Date.parse(device.statusSince))
      newest.set(device.id, device);
  }
  let isChanged = false;
  const next = devices.map((device) => {
    const change = newest.get(device.id);
    if (change === undefined || Date.parse(change.statusSince) <= Date.parse(device.statusSince)) return device;
    isChanged = true;
    return { ...device, ...change };
  });
  return isChanged ? next : devices;
}

/** The list with the very items that are held already where they say the same, so that they are not drawn anew. When it was looked at counts only for what is stale. */
export function keepAlike<Device extends Placed & Told & { readonly observedAt: string | null }>(
  held: readonly Device[],
  list: readonly Device[],
): readonly Device[] {
  const byId = new Map(held.map((device) => [device.id, device]));
  return list.map((device) => {
    const before = byId.get(device.id);
    const isAlike =
      before !== undefined &&
      (['name', 'site', 'status', 'statusSince', 'stale'] as const).every((field) => before[field] === device[field]) &&
      (!device.stale || before.observedAt === device.observedAt);
    return isAlike ? before : device;
  });
}
