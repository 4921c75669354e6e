import { randomBytes } from 'node:crypto';
import { RIGHTS_VERSION_CLAIM, TOKEN_AUDIENCE, TOKEN_ISSUER } from '@wheelhouse/contracts/access.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import type { Identity } from '@wheelhouse/kit/identity.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import { z } from 'zod';
import { planKeys, signingKeyAt } from './rules/signing-keys.ts';
import {
  insertSigningKey,
  listSigningKeys,
  lockSigningKeys,
  removeSigningKeys,
  type SigningKeyRow,
} from './store/signing-keys.ts';

/** EdDSA with Ed25519 (RFC 8037): one algorithm, so that there is none to be confused with (RFC 8725 §3.1). */
const ALGORITHM = 'EdDSA';
/** Far below what a key is published ahead of signing. */
const READ_EVERY_MS = 60_000;
const jwkShape = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() });

async function newKey(signsFrom: Date, now: Date, sealer: Sealer): Promise<SigningKeyRow> {
  const kid = randomBytes(12).toString('base64url');
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' };
  const sealed = sealer.seal(await exportJWK(privateKey), kid);
  return { kid, publicJwk, sealed, createdAt: now, signsFrom };
}

/** Makes the key that is due and removes those that nobody needs any more. @returns what was done */
export function rotateSigningKeys(
  db: Database,
  sealer: Sealer,
  now: Date,
): Promise<{ made: string | null; removed: string[] }> {
  return db.transaction(async (tx) => {
    await lockSigningKeys(tx);
    const { signsFrom, removable } = planKeys(await listSigningKeys(tx), now);
    const key = signsFrom === null ? null : await newKey(signsFrom, now, sealer);
    if (key !== null) await insertSigningKey(tx, key);
    await removeSigningKeys(tx, removable);
    return { made: key?.kid ?? null, removed: removable };
  });
}

export type TokenSigner = {
  /**
   * An access token (RFC 9068) that ends at `expiresAt`. `issuedAt` is an instant at which its user was held, and `rightsVersion` what they had
   * then: what is taken away from them later takes it away, whenever it is signed.
   */
  sign: (
    identity: Identity,
    issuedAt: Date,
    rightsVersion: number,
  ) => Promise<{ accessToken: string; expiresAt: Date }>;
  /** The public keys by which tokens are verified (RFC 7517 §5). */
  jwks: () => Promise<{ keys: Record<string, unknown>[] }>;
};

/** Signs access tokens with the key whose time it is. */
export function createTokenSigner(options: {
  db: Database;
  sealer: Sealer;
  lifeSeconds: number;
  now: () => Date;
}): TokenSigner {
  const { db, sealer, lifeSeconds, now } = options;
  const opened = new Map<string, Awaited<ReturnType<typeof importJWK>>>();
  let kept: { keys: SigningKeyRow[]; readAt: Date } | null = null;

  const readKeys = async (): Promise<SigningKeyRow[]> => {
    if (kept !== null && now().getTime() - kept.readAt.getTime() < READ_EVERY_MS) return kept.keys;
    const keys = await listSigningKeys(db);
    kept = { keys, readAt: now() };
    return keys;
  };
  const privateKeyOf = async ({ kid, sealed }: SigningKeyRow) => {
    const known = opened.get(kid);
    if (known !== undefined) return known;
    const key = await importJWK(jwkShape.parse(sealer.open(sealed, kid)), ALGORITHM);
    opened.set(kid, key);
    return key;
  };
  return {
    async sign(identity, at, rightsVersion) {
      const key = signingKeyAt(await readKeys(), now());
      if (key === null) throw new Error('There is no key to sign access tokens with');
      // With milliseconds, as RFC 7519 §2 allows: a token made right after others were taken away is told from those.
      const issuedAt = at.getTime() / 1_000;
      const endsAt = Math.floor(issuedAt) + lifeSeconds;
      const accessToken = await new SignJWT({ ...identity, [RIGHTS_VERSION_CLAIM]: rightsVersion })
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'at+jwt' })
        .setIssuer(TOKEN_ISSUER)
        .setAudience(TOKEN_AUDIENCE)
        .setIssuedAt(issuedAt)
        .setExpirationTime(endsAt)
        .sign(await privateKeyOf(key));
      return { accessToken, expiresAt: new Date(endsAt * 1_000) };
    },
    async jwks() {
      return { keys: (await listSigningKeys(db)).map(({ publicJwk }) => publicJwk) };
    },
  };
}
