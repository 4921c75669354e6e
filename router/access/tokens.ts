import { setTimeout as sleep } from 'node:timers/promises';
import {
  JWKS_PATH,
  RIGHTS_VERSION_CLAIM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
  TOKEN_MAX_SECONDS,
} from '@wheelhouse/contracts/access.ts';
import { type Identity, identityShape } from '@wheelhouse/kit/identity.ts';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';

/** What a token turned out to be. "It is worth nothing" and "it could not be looked at" never share a value. */
export type Verdict =
  /** `keptUntilMs`: when it is to be found out again, though it may hold for longer. */
  | {
      kind: 'valid';
      identity: Identity;
      rightsVersion: number | null;
      sinceMs: number;
      untilMs: number;
      keptUntilMs: number;
    }
  | { kind: 'expired' }
  | { kind: 'invalid' }
  | { kind: 'unknown'; cause: unknown };

const MAX_LENGTH = 8 * 1024;
/** As long as a subgraph may take by default: on a machine that has just started everything, or is out of breath, three seconds are little. */
const TIMEOUT_MS = 10_000;
/** Until the keys are asked for again that could not be had at the start. */
const RETRY_MS = 1_000;
/** A key that is not known is looked for so often at most: anybody can make up names of keys. */
const COOLDOWN_MS = 5_000;
const CLOCK_TOLERANCE_SECONDS = 5;

/** What jose throws for what is wrong with a token; anything else is a fault of finding out. */
const isOfToken = (err: unknown): boolean =>
  err instanceof errors.JWTClaimValidationFailed ||
  err instanceof errors.JWTInvalid ||
  err instanceof errors.JWSInvalid ||
  err instanceof errors.JWSSignatureVerificationFailed ||
  err instanceof errors.JOSEAlgNotAllowed ||
  err instanceof errors.JOSENotSupported ||
  err instanceof errors.JWKSNoMatchingKey ||
  err instanceof errors.JWKSMultipleMatchingKeys;

/**
 * Reads access tokens with the public keys of the accounts service. Only what that service signs with EdDSA counts (RFC 8725, 3.1): not
 * what says that it needs no signature, nor what was signed with a public key as if it were a secret.
 *
 * The keys are fetched at once, so that who asks first does not wait for them.
 *
 * @param accounts where the accounts service is
 * @param signal ends the asking for keys, where they can't be had yet
 */
export function createTokenReader(
  accounts: URL,
  { now, signal }: { now: () => Date; signal: AbortSignal },
): (token: string) => Promise<Verdict> {
  const keys = createRemoteJWKSet(new URL(JWKS_PATH, accounts), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
  });
  const pause = (): Promise<void> => sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  const fetchFirst = async (): Promise<void> => {
    while (keys.jwks() === undefined && !signal.aborted) await keys.reload().catch(pause);
  };
  void fetchFirst();
  return async (token) => {
    if (token.length > MAX_LENGTH) return { kind: 'invalid' };
    try {
      const { payload } = await jwtVerify(token, keys, {
        ...{ issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE, algorithms: ['EdDSA', 'Ed25519'] },
        ...{ requiredClaims: ['exp', 'iat'], maxTokenAge: TOKEN_MAX_SECONDS, clockTolerance: CLOCK_TOLERANCE_SECONDS },
        currentDate: now(),
      });
      const identity = identityShape.safeParse(payload);
      if (!identity.success) return { kind: 'invalid' };
      const { iat = 0, exp = 0 } = payload;
      const untilMs = exp * 1_000;
      const version = payload[RIGHTS_VERSION_CLAIM];
      const rightsVersion = typeof version === 'number' ? version : null;
      return {
        kind: 'valid',
        identity: identity.data,
        rightsVersion,
        sinceMs: iat * 1_000,
        untilMs,
        keptUntilMs: untilMs,
      };
    } catch (err) {
      if (err instanceof errors.JWTExpired) return { kind: 'expired' };
      return isOfToken(err) ? { kind: 'invalid' } : { kind: 'unknown', cause: err };
    }
  };
}
