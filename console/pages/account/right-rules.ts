import type { Viewer } from '../../data/viewer.ts';

/** Scopes that hold at the same places; `sites` is null where that is everywhere. */
export type PlacedRights = { sites: readonly string[] | null; scopes: string[] };

/** Rights by where they hold: everywhere first, then the others in the order in which the graph tells them. */
export function rightsByPlace(rights: Viewer['rights']): PlacedRights[] {
  const groups = new Map<string, PlacedRights>();
  for (const { scope, sites } of rights) {
    const key = JSON.stringify(sites);
    const group = groups.get(key) ?? { sites, scopes: [] };
    group.scopes.push(scope);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => Number(b.sites === null) - Number(a.sites === null));
}
