import { createContext, useContext } from 'react';
import type { StartQuery } from '../generated/data/graphql.ts';

/** Who looks. */
export type Viewer = NonNullable<StartQuery['me']>;

export const ViewerContext = createContext<Viewer | null>(null);

/** @throws Error outside of the signed-in part of the console */
export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (viewer === null) throw new Error('nobody is known here: render inside of ViewerContext');
  return viewer;
}

/** Where the viewer has a scope: at these sites and below them; null: everywhere; an empty list: nowhere. */
export function placesOf({ rights }: Pick<Viewer, 'rights'>, scope: string): readonly string[] | null {
  const right = rights.find((one) => one.scope === scope);
  return right === undefined ? [] : (right.sites ?? null);
}

/** Whether the viewer has all these scopes somewhere. What one device allows is asked of it: `viewerCan`. */
export const isAllowed = ({ scopes }: Pick<Viewer, 'scopes'>, wanted: readonly string[]): boolean =>
  wanted.every((scope) => scopes.includes(scope));
