import type { Grant } from '../../../data/grants.ts';

const keyOf = ({ role, site }: Grant): string => JSON.stringify([role, site]);

/** What somebody gets and loses when `after` takes the place of `before`, whatever their order. */
export function grantChanges(before: readonly Grant[], after: readonly Grant[]): { gets: Grant[]; loses: Grant[] } {
  const without = (these: readonly Grant[], those: readonly Grant[]): Grant[] => {
    const known = new Set(those.map(keyOf));
    return [...new Map(these.map((grant) => [keyOf(grant), grant])).values()].filter(
      (grant) => !known.has(keyOf(grant)),
    );
  };
  return { gets: without(after, before), loses: without(before, after) };
}

/** Whether somebody with these grants could manage users nowhere, or at fewer places than before. */
export const losesManaging = ({ loses }: ReturnType<typeof grantChanges>): boolean =>
  loses.some(({ role }) => role === 'ADMIN');
