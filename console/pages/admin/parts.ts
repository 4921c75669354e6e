import { placesOf, type Viewer } from '../../data/viewer.ts';
import type { texts } from './texts.ts';

export type Part = {
  id: keyof typeof texts.part;
  /** Null: everybody who signed in. */
  scope: string | null;
  /** Whether the scope has to hold everywhere: what is shown concerns all sites. */
  isEverywhere: boolean;
};

/** The parts of the page, in their order. */
export const PARTS: readonly Part[] = [
  { id: 'users', scope: 'accounts:write', isEverywhere: false },
  { id: 'keys', scope: null, isEverywhere: false },
  { id: 'audit', scope: 'audit:read', isEverywhere: false },
  { id: 'services', scope: 'services:read', isEverywhere: true },
  { id: 'import', scope: 'estate:write', isEverywhere: true },
];

/** What somebody lacks for a part: nothing, the scope, or that it holds everywhere. */
export function lackOf(
  { scope, isEverywhere }: Part,
  viewer: Pick<Viewer, 'rights'>,
): 'nothing' | 'scope' | 'everywhere' {
  if (scope === null) return 'nothing';
  const places = placesOf(viewer, scope);
  if (places === null) return 'nothing';
  if (places.length === 0) return 'scope';
  return isEverywhere ? 'everywhere' : 'nothing';
}
