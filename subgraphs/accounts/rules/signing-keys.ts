import { TOKEN_MAX_SECONDS } from '@wheelhouse/contracts/access.ts';

const DAY_MS = 86_400_000;
/** A key signs for so long. NIST SP 800-57 allows a private signature key one to three years. */
export const SIGNING_MS = 30 * DAY_MS;
/** A key is published for so long before it signs: longer than anybody keeps the set without asking again. */
export const PUBLISHED_AHEAD_MS = DAY_MS;
/** Besides the life of the last token: clocks differ, and a worker may come late. */
const GRACE_MS = 3_600_000;

export type KeyTimes = { kid: string; signsFrom: Date };

/** The key to sign with: the last one whose time has come; null before the first. */
export const signingKeyAt = <Key extends KeyTimes>(keys: readonly Key[], now: Date): Key | null =>
  keys
    .filter(({ signsFrom }) => signsFrom <= now)
    .reduce<Key | null>((last, key) => (last === null || key.signsFrom > last.signsFrom ? key : last), null);

/**
 * What is to be done about the keys: from when on a new one signs (null: none is due), and which ones no token that counts is signed with any
 * more. The first key signs at once, since nobody has asked for the set yet.
 */
export function planKeys(keys: readonly KeyTimes[], now: Date): { signsFrom: Date | null; removable: string[] } {
  const sorted = keys.toSorted((one, other) => one.signsFrom.getTime() - other.signsFrom.getTime());
  const newest = sorted.at(-1);
  const removable = sorted.flatMap(({ kid }, index) => {
    const successor = sorted[index + 1];
    const lastTokenEndsMs = (successor?.signsFrom.getTime() ?? Infinity) + TOKEN_MAX_SECONDS * 1_000;
    return lastTokenEndsMs + GRACE_MS <= now.getTime() ? [kid] : [];
  });
  if (newest === undefined) return { signsFrom: now, removable };
  const nextFromMs = newest.signsFrom.getTime() + SIGNING_MS;
  if (now.getTime() < nextFromMs - PUBLISHED_AHEAD_MS) return { signsFrom: null, removable };
  return { signsFrom: new Date(Math.max(nextFromMs, now.getTime() + PUBLISHED_AHEAD_MS)), removable };
}
