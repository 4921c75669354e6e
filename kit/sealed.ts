import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256-GCM with the 96-bit nonce and 128-bit tag that NIST SP 800-38D recommends. */
const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals and opens secrets. `owner` is bound in: what was sealed for one does not open for another. */
export type Sealer = {
  seal: (secret: unknown, owner: string) => string;
  /** @throws Error when the text was sealed with another key or for another owner, or was altered */
  open: (sealed: string, owner: string) => unknown;
};

/** @param keyHex 32 bytes in hexadecimal */
export function createSealer(keyHex: string): Sealer {
  const key = Buffer.from(keyHex, 'hex');
  return {
    seal(secret, owner) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(owner));
      const text = Buffer.concat([cipher.update(JSON.stringify(secret), 'utf8'), cipher.final()]);
      return ['v1', ...[nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.');
    },
    open(sealed, owner) {
      const [version, ...parts] = sealed.split('.');
      const [nonce, tag, text] = parts.map((part) => Buffer.from(part, 'base64url'));
      if (version !== 'v1' || nonce === undefined || tag === undefined || text === undefined) {
        throw new Error(`The sealed secret of ${owner} is not in a form that this version knows`);
      }
      try {
        // The length is given, or a tag cut to four bytes would pass too.
        const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(owner)).setAuthTag(tag);
        return JSON.parse(Buffer.concat([decipher.update(text), decipher.final()]).toString('utf8'));
      } catch (cause) {
        throw new Error(`The secret of ${owner} does not open with this WHEELHOUSE_SECRET_KEY`, { cause });
      }
    },
  };
}
