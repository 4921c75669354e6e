import type { SettingsChangePartsFragment } from '../../generated/device/graphql.ts';

/** A change of a device's settings, as the page and its sections know it. */
export type DeviceChange = SettingsChangePartsFragment;

export const isOpen = ({ state }: Pick<DeviceChange, 'state'>): boolean => state === 'PENDING';

/** Those that were known and those that came, each once with what came last of it, newest first. What has ended is not opened again. */
export function mergeChanges(known: readonly DeviceChange[], came: readonly DeviceChange[]): readonly DeviceChange[] {
  const byId = new Map(known.map((change) => [change.id, change]));
  for (const change of came) {
    const before = byId.get(change.id);
    if (before === undefined || isOpen(before) || !isOpen(change)) byId.set(change.id, change);
  }
  return [...byId.values()].sort(
    (a, b) => (b.settingsVersion ?? 0) - (a.settingsVersion ?? 0) || Date.parse(b.at) - Date.parse(a.at),
  );
}

/** Tells one state of a device's changes from another: what is asked for after a change is asked for again when it is another one. */
export const stampOf = (changes: readonly Pick<DeviceChange, 'id' | 'state'>[]): string =>
  changes.map(({ id, state }) => `${id} ${state}`).join();
