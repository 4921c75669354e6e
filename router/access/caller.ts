import { ANONYMOUS } from '@wheelhouse/kit/actor.ts';
import { type Asserted, anonymousFrom, type Identity, isAnonymous as isNobody } from '@wheelhouse/kit/identity.ts';
import { LRUCache } from 'lru-cache';

/**
 * Who asks, and how long that holds. All that one caller asks with one token has the same object, so that what is made of it can be kept
 * with it.
 */
export type Caller = {
  asserted: Asserted;
  /** How often what they may do had changed when it was signed: a later change concerns it. Null where that is not told. */
  rightsVersion: number | null;
  /** When it was found out, or signed: what was taken away after this concerns it. Milliseconds since the epoch. */
  sinceMs: number;
  /** Milliseconds since the epoch; Infinity where there is no end. */
  untilMs: number;
};

/** Who has not said who they are: may do what the setting grants to everybody, which is nothing at first. */
export const anonymous = (grants: Identity['grants'], origin: string | null): Caller => ({
  asserted: { ...anonymousFrom(origin), grants },
  rightsVersion: null,
  sinceMs: Number.POSITIVE_INFINITY,
  untilMs: Number.POSITIVE_INFINITY,
});

export const isAnonymous = ({ asserted }: Caller): boolean => isNobody(asserted);

const MOST_RIGHTS = 1_000;
const SHARED = 'shared';

/**
 * Takes the person out of a caller: what is left says what they may do and nothing of who they are, and it is the same object for all who
 * may do the same. Streams are opened as this, so that a control room shares one, and nobody's name or address travels with what is
 * fetched for many.
 */
export function createRights(): (caller: Caller) => Asserted {
  const known = new LRUCache<string, Asserted>({ max: MOST_RIGHTS });
  const ofCaller = new WeakMap<Caller, Asserted>();
  return (caller) => {
    const made = ofCaller.get(caller);
    if (made !== undefined) return made;
    const sub = isAnonymous(caller) ? ANONYMOUS : SHARED;
    const grants = caller.asserted.grants
      .map(({ scopes, site }) => ({ scopes: [...scopes].sort(), site }))
      .sort((a, b) => ((a.site ?? '') < (b.site ?? '') ? -1 : 1));
    const key = JSON.stringify([sub, grants]);
    const rights = known.get(key) ?? { sub, sid: SHARED, name: SHARED, grants, origin: null };
    known.set(key, rights);
    ofCaller.set(caller, rights);
    return rights;
  };
}
