import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';

/** RFC 3414 A.2: the password, repeated to this many octets, is hashed. */
const STRETCHED_LENGTH = 1_048_576;
/** Hashed at one go: at most 0.5 ms (SHA-512), so that nothing else waits long. */
const BLOCK_LENGTH = 65_536;

function* stretch(password: Buffer): Generator<Buffer> {
  const block = Buffer.alloc(Math.ceil(BLOCK_LENGTH / password.length) * password.length, password);
  for (let left = STRETCHED_LENGTH; left > 0; left -= block.length)
    yield block.subarray(0, Math.min(left, block.length));
}

/**
 * Keys of SNMPv3 users. net-snmp hashes a megabyte for every pair of password and engine (1.5 to 7 ms) and keeps each for
 * ever under the plain password. The megabyte does not depend on the engine, so here it is hashed once per password, in
 * small pieces ahead of use; fitting it to an engine takes microseconds. Both caches are bounded.
 */
export class KeyStore {
  // Two passwords per user; an estate rarely has more users than displays.
  readonly #stretched = new LRUCache<string, Buffer>({ max: 10_000 });
  readonly #localized = new LRUCache<string, Buffer>({ max: 20_000 });
  readonly #underWay = new Map<string, Promise<void>>();

  /** Does the long part for a password ahead of its use, without holding up the event loop. */
  warm(hash: string, password: string): Promise<void> {
    const bytes = Buffer.from(password);
    const name = this.#name(hash, bytes);
    if (bytes.length === 0 || this.#stretched.has(name)) return Promise.resolve();
    const running = this.#underWay.get(name) ?? this.#stretchSlowly(hash, bytes, name);
    this.#underWay.set(name, running);
    return running;
  }

  /** RFC 3414 A.2.1 and A.2.2: the user's key at one engine. */
  localize(hash: string, password: string | Buffer, engineID: Buffer): Buffer {
    const bytes = typeof password === 'string' ? Buffer.from(password) : password;
    const name = this.#name(hash, bytes);
    const localizedName = `${name}:${engineID.toString('base64')}`;
    const known = this.#localized.get(localizedName);
    if (known !== undefined) return known;
    let stretched = this.#stretched.get(name);
    if (stretched === undefined) {
      const digest = createHash(hash);
      for (const block of stretch(bytes)) digest.update(block);
      stretched = digest.digest();
      this.#stretched.set(name, stretched);
    }
    const key = createHash(hash).update(stretched).update(engineID).update(stretched).digest();
    this.#localized.set(localizedName, key);
    return key;
  }

  async #stretchSlowly(hash: string, password: Buffer, name: string): Promise<void> {
    try {
      const digest = createHash(hash);
      for (const block of stretch(password)) {
        digest.update(block);
        await nextTurn();
      }
      this.#stretched.set(name, digest.digest());
    } finally {
      this.#underWay.delete(name);
    }
  }

  /** Caches are keyed by a digest, so that a heap dump's keys are no list of passwords. */
  #name(hash: string, password: Buffer): string {
    return createHash('sha256').update(hash).update('\0').update(password).digest('base64');
  }
}

/**
 * DES-CBC as RFC 3414 §8.1.1 has it. OpenSSL 3 no longer offers plain DES, which net-snmp asks for; triple DES with the same
 * key three times is plain DES.
 */
function desCipher(localizedKey: Buffer, salt: Buffer) {
  const key = localizedKey.subarray(0, 8);
  const iv = Buffer.from(localizedKey.subarray(8, 16).map((octet, i) => octet ^ (salt[i] ?? 0)));
  return { algorithm: 'des-ede3-cbc', key: Buffer.concat([key, key, key]), iv };
}

/** The scoped PDU, padded to whole blocks and encrypted; the salt goes along as msgPrivacyParameters. */
export function encryptDes(plain: Buffer, localizedKey: Buffer): { encrypted: Buffer; salt: Buffer } {
  const salt = randomBytes(8);
  const { algorithm, key, iv } = desCipher(localizedKey, salt);
  const cipher = createCipheriv(algorithm, key, iv).setAutoPadding(false);
  const padded = Buffer.concat([plain, Buffer.alloc((8 - (plain.length % 8)) % 8)]);
  return { encrypted: Buffer.concat([cipher.update(padded), cipher.final()]), salt };
}

/** @throws Error when the length is not that of whole blocks */
export function decryptDes(encrypted: Buffer, localizedKey: Buffer, salt: Buffer): Buffer {
  const { algorithm, key, iv } = desCipher(localizedKey, salt);
  const decipher = createDecipheriv(algorithm, key, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}
