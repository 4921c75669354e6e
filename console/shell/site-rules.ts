/** A place in the tree of sites. */
export type SiteNode = { path: string; name: string; depth: number; isOpen: boolean; hasChildren: boolean };

const parentOf = (path: string): string | null => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : null);

/** Every site and every place above one, in the order of the tree. */
export function allPlaces(paths: readonly string[]): string[] {
  const places = new Set<string>();
  for (let place of paths as readonly (string | null)[])
    for (; place !== null && !places.has(place); place = parentOf(place)) places.add(place);
  // A space sorts before all that a path may hold: a place stands right before what is in it.
  return [...places].sort((a, b) => (a.replaceAll('/', ' ') < b.replaceAll('/', ' ') ? -1 : 1));
}

/** What the tree shows: the uppermost places, and those within the chosen one and each above it. A sole place at the top is open. */
export function visiblePlaces(paths: readonly string[], chosen: string | null): SiteNode[] {
  const places = allPlaces(paths);
  const roots = places.filter((place) => parentOf(place) === null);
  const isOpen = (place: string): boolean =>
    chosen === place || chosen?.startsWith(`${place}/`) === true || (roots.length === 1 && place === roots[0]);
  return places
    .filter((place) => {
      const parent = parentOf(place);
      return parent === null || isOpen(parent);
    })
    .map((path) => ({
      path,
      name: path.slice(path.lastIndexOf('/') + 1),
      depth: path.split('/').length - 1,
      isOpen: isOpen(path),
      hasChildren: places.some((place) => parentOf(place) === path),
    }));
}
