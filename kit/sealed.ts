import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256-GCM with the 96-bit nonce and 128-bit tag that NIST SP 800-38D recommends. */
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals and opens secrets. `owner` is bound in: what was sealed for one does not open for another.
 *
 * Where a table keeps a sealed text, its column is named `sealed` or ends in `_sealed`, and the owner is the row's primary key, one
 * column: `npm run rotate-secret-key` finds by this what it has to seal anew (kit/sealed-store.ts).
 */
export type Sealer = {
  seal: (secret: unknown, owner: string) => string;
  /** @throws Error when the text was sealed with another key or for another owner, or was altered */
  open: (sealed: string, owner: string) => unknown;
};

const keyOf = (keyHex: string): Buffer => Buffer.from(keyHex, 'hex');

function sealWith(key: Buffer, secret: unknown, owner: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(owner));
  const text = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()]);
  return ['v1', ...[nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.');
}

/** What was sealed, and which of the keys it was sealed with. */
function openWith(keys: readonly Buffer[], sealed: string, owner: string): { secret: unknown; key: Buffer } {
  // Never more than one too many: a caller may have sent four million dots.
  const [version, ...parts] = sealed.split('.', 5);
  const [nonce, tag, text] = parts.map((part) => Buffer.from(part, 'base64url'));
  if (version !== 'v1' || nonce === undefined || tag === undefined || text === undefined || parts.length > 3) {
    throw new Error(`The sealed secret of ${owner} is not in a form that this version knows`);
  }
  const causes: unknown[] = [];
  for (const key of keys) {
    try {
      // The length is given, or a tag cut to four bytes would pass too.
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(owner)).setAuthTag(tag);
      const opened = Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8');
      return { secret: JSON.parse(opened), key };
    } catch (cause) {
      causes.push(cause);
    }
  }
  const [first] = causes;
  throw new Error(`The secret of ${owner} does not open with this WHEELHOUSE_SECRET_KEY`, { cause: first });
}

/**
 * @param keyHex 32 bytes in hexadecimal
 * @param previousKeyHex also opens, and seals nothing: while keys are changed, services hold both
 */
export function createSealer(keyHex: string, previousKeyHex?: string): Sealer {
  const key = keyOf(keyHex);
  const keys = previousKeyHex === undefined ? [key] : [key, keyOf(previousKeyHex)];
  return {
    seal: (secret, owner) => sealWith(key, secret, owner),
    open: (sealed, owner) => openWith(keys, sealed, owner).secret,
  };
}

/** What was sealed with the previous key, sealed with the new one; null where it is already. @throws Error where neither opens it */
export type Reseal = (sealed: string, owner: string) => string | null;

/** @param keys 32 bytes each, in hexadecimal */
export function createReseal(keys: { previous: string; next: string }): Reseal {
  const next = keyOf(keys.next);
  const both = [next, keyOf(keys.previous)];
  return (sealed, owner) => {
    const { secret, key } = openWith(both, sealed, owner);
    return key === next ? null : sealWith(next, secret, owner);
  };
}
