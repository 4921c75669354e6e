import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { API_KEY_PREFIX } from '@wheelhouse/contracts/access.ts';

/** 256 bits of chance: nobody tries them all, so that one round of SHA-256 guards them, where a password needs argon2. */
const SECRET_BYTES = 32;
const SECRET = '[A-Za-z0-9_-]{43}';
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';

export const randomSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

/** Whether a secret is the one that was hashed; how long it takes tells nothing. */
export function isSecretOf(secret: string, hash: string): boolean {
  const [given, held] = [Buffer.from(hashSecret(secret)), Buffer.from(hash)];
  return given.length === held.length && timingSafeEqual(given, held);
}

/** `family` is the same in all refresh tokens of a session, `own` in none other. */
export type RefreshToken = { sessionId: string; family: string; own: string };

const REFRESH = new RegExp(`^whr_(${UUID})_(${SECRET})(${SECRET})$`);
export const writeRefreshToken = ({ sessionId, family, own }: RefreshToken): string =>
  `whr_${sessionId}_${family}${own}`;
/** Null for what is no refresh token. */
export function readRefreshToken(text: string): RefreshToken | null {
  const [, sessionId, family, own] = REFRESH.exec(text) ?? [];
  return sessionId === undefined || family === undefined || own === undefined ? null : { sessionId, family, own };
}

const INVITATION = new RegExp(`^whi_(${UUID})_(${SECRET})$`);
export const writeInvitation = (id: string, secret: string): string => `whi_${id}_${secret}`;
/** Null for what is no invitation. */
export function readInvitation(text: string): { id: string; secret: string } | null {
  const [, id, secret] = INVITATION.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

const KEY = new RegExp(`^${API_KEY_PREFIX}([0-9a-f]{16})_(${SECRET})$`);
export const newKeyId = (): string => randomBytes(8).toString('hex');
export const writeApiKey = (id: string, secret: string): string => `${API_KEY_PREFIX}${id}_${secret}`;
/** Null for what is no API key. */
export function readApiKey(text: string): { id: string; secret: string } | null {
  const [, id, secret] = KEY.exec(text) ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}
