import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** RFC 3414 §6, §7 and RFC 7860: hash, and how many octets of the digest are sent. */
export const AUTH_PROTOCOLS = {
  MD5: { hash: 'md5', digestLength: 12 },
  SHA: { hash: 'sha1', digestLength: 12 },
  SHA224: { hash: 'sha224', digestLength: 16 },
  SHA256: { hash: 'sha256', digestLength: 24 },
  SHA384: { hash: 'sha384', digestLength: 32 },
  SHA512: { hash: 'sha512', digestLength: 48 },
} as const;

/** RFC 3414 §8 (DES), RFC 3826 (AES), draft-blumenthal-aes-usm-04 (AES256B), draft-reeder-snmpv3-usm-3desede-00 (AES256R). */
export const PRIV_PROTOCOLS = {
  DES: { keyLength: 16, extend: null },
  AES: { keyLength: 16, extend: null },
  AES256B: { keyLength: 32, extend: 'blumenthal' },
  AES256R: { keyLength: 32, extend: 'reeder' },
} as const;

export type AuthProtocol = keyof typeof AUTH_PROTOCOLS;
export type PrivProtocol = keyof typeof PRIV_PROTOCOLS;

const stretchedPasswords = new Map<string, Buffer>();

/** RFC 3414 A.2: a megabyte of the repeated password is hashed; kept, since a museum's displays share their passwords. */
function stretch(hash: string, password: string | Buffer): Buffer {
  const name = `${hash}:${password.toString('base64')}`;
  const known = stretchedPasswords.get(name);
  if (known !== undefined) return known;
  const stretched = createHash(hash).update(Buffer.alloc(1_048_576, password)).digest();
  stretchedPasswords.set(name, stretched);
  return stretched;
}

/** The user's key at one engine. */
export function localizedKey(protocol: AuthProtocol, password: string | Buffer, engineId: Buffer): Buffer {
  const { hash } = AUTH_PROTOCOLS[protocol];
  const stretched = stretch(hash, password);
  return createHash(hash).update(stretched).update(engineId).update(stretched).digest();
}

/** The key for privacy, made longer than the hash where the cipher wants it. */
export function privacyKey(auth: AuthProtocol, priv: PrivProtocol, password: string, engineId: Buffer): Buffer {
  const { keyLength, extend } = PRIV_PROTOCOLS[priv];
  let key = localizedKey(auth, password, engineId);
  let last = key;
  while (key.length < keyLength && extend !== null) {
    last =
      extend === 'blumenthal'
        ? createHash(AUTH_PROTOCOLS[auth].hash).update(key).digest()
        : localizedKey(auth, last, engineId);
    key = Buffer.concat([key, last]);
  }
  return key.subarray(0, keyLength);
}

/** The digest over the whole message, in which the place of the digest itself is all zeros. */
export function digestOf(protocol: AuthProtocol, key: Buffer, message: Buffer): Buffer {
  const { hash, digestLength } = AUTH_PROTOCOLS[protocol];
  return createHmac(hash, key).update(message).digest().subarray(0, digestLength);
}

export function isSameDigest(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

type EngineClock = { boots: number; time: number };

function cipherFor(protocol: PrivProtocol, key: Buffer, salt: Buffer, { boots, time }: EngineClock) {
  if (protocol === 'DES') {
    const iv = Buffer.from(key.subarray(8, 16).map((octet, i) => octet ^ (salt[i] ?? 0)));
    const des = key.subarray(0, 8);
    // Triple DES with one key three times is DES, which OpenSSL 3 no longer offers by itself.
    return { algorithm: 'des-ede3-cbc', key: Buffer.concat([des, des, des]), iv };
  }
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(boots, 0);
  iv.writeUInt32BE(time, 4);
  salt.copy(iv, 8);
  return { algorithm: key.length === 32 ? 'aes-256-cfb' : 'aes-128-cfb', key, iv };
}

export function encrypt(protocol: PrivProtocol, key: Buffer, plain: Buffer, clock: EngineClock) {
  const salt = randomBytes(8);
  const { algorithm, key: cipherKey, iv } = cipherFor(protocol, key, salt, clock);
  const padding = protocol === 'DES' ? Buffer.alloc((8 - (plain.length % 8)) % 8) : Buffer.alloc(0);
  const cipher = createCipheriv(algorithm, cipherKey, iv).setAutoPadding(false);
  return { salt, encrypted: Buffer.concat([cipher.update(Buffer.concat([plain, padding])), cipher.final()]) };
}

/** @throws Error when salt or length do not fit the cipher */
export function decrypt(
  protocol: PrivProtocol,
  key: Buffer,
  encrypted: Buffer,
  salt: Buffer,
  clock: EngineClock,
): Buffer {
  if (salt.length !== 8) throw new Error(`a salt of ${salt.length} octets`);
  const { algorithm, key: cipherKey, iv } = cipherFor(protocol, key, salt, clock);
  const decipher = createDecipheriv(algorithm, cipherKey, iv).setAutoPadding(false);
  return Buffer.concat([decipher.update(encrypted), decipher.final()]);
}
