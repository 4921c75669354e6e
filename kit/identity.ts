import { createHmac, hkdfSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ANONYMOUS } from './actor.ts';

/** Scopes, and where they hold: at a site and below it, or everywhere where `site` is null. */
export const grantShape = z.object({ scopes: z.array(z.string()), site: z.string().nullable() });
export type Grant = z.infer<typeof grantShape>;

/** Who a request is from, and what they may do. An access token carries it as its claims, besides those of RFC 7519. */
export const identityShape = z.object({
  /** `user:<id>` of somebody who signed in, `key:<id>` of an API key. */
  sub: z.string().min(1),
  /** The session or the API key: what is taken away as one. */
  sid: z.string().min(1),
  /** How logs and histories name them. */
  name: z.string().min(1),
  grants: z.array(grantShape),
});
export type Identity = z.infer<typeof identityShape>;

/** What an API key stands for, until when, and how often what its maker may do had changed by then; null where that is not told. */
export const keyAnswerShape = z.object({
  identity: identityShape,
  expiresAt: z.iso.datetime().nullable(),
  rightsVersion: z.int().nullable().default(null),
});

/** Where a scope holds: everywhere, or at these sites and below them; at none where the list is empty. */
export type Area = 'everywhere' | readonly string[];

/** Where an identity may do what one of these scopes is for. Sites within others of the list are left out. */
export function areaOf({ grants }: Pick<Identity, 'grants'>, ...anyOf: string[]): Area {
  const holding = grants.filter(({ scopes }) => scopes.some((scope) => anyOf.includes(scope)));
  if (holding.some(({ site }) => site === null)) return 'everywhere';
  const sites = [...new Set(holding.flatMap(({ site }) => site ?? []))].sort();
  return sites.filter((site) => !sites.some((other) => other !== site && isWithin(site, other)));
}

/** Whether a site is another or lies below it: `a/b` is within `a`, and `ab` is not. */
export const isWithin = (site: string, other: string): boolean => site === other || site.startsWith(`${other}/`);

export const isInArea = (area: Area, site: string): boolean =>
  area === 'everywhere' || area.some((other) => isWithin(site, other));

/** The header in which the router tells a service who it asks for. */
export const IDENTITY_HEADER = 'x-wheelhouse-identity';
const ISSUER = 'wheelhouse-router';
/** Long enough for clocks that differ a little and for a request that waits, too short to be of use to who finds one. */
const LIFE_SECONDS = 60;
const CLOCK_TOLERANCE_SECONDS = 10;
const CACHED = 10_000;

/** Each service has a key of its own, so that what was signed for one is worth nothing at another (RFC 5869). */
const keyFor = (serviceToken: string, service: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', serviceToken, '', `wheelhouse identity for ${service}`, 32));

/** @param origin the caller's address, for the audit log */
export type Asserted = Identity & { origin: string | null };
/** Somebody who did not sign in. The router tells of them too: where people sign in, their address counts. */
export const anonymousFrom = (origin: string | null): Asserted => ({
  ...{ sub: ANONYMOUS, sid: ANONYMOUS, name: ANONYMOUS },
  ...{ grants: [], origin },
});

export const isAnonymous = ({ sub }: Pick<Identity, 'sub'>): boolean => sub === ANONYMOUS;

const assertedShape = identityShape.extend({ origin: z.string().nullable() });

const HEAD = Buffer.from(JSON.stringify({ alg: 'HS256' })).toString('base64url');

/** A signed JWT (RFC 7515, compact). Made here, since jose signs asynchronously, and a request to a service is begun at once. */
function sign(claims: Record<string, unknown>, key: Uint8Array): string {
  const signed = `${HEAD}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/**
 * Signs who is asking, for one service and a minute. What was signed is used again for half its life, as long as the same object says who
 * asks.
 */
export function createIdentitySigner(serviceToken: string, now: () => Date) {
  const keys = new Map<string, Uint8Array>();
  const signed = new WeakMap<Asserted, Map<string, { token: string; renewAtMs: number }>>();
  return (identity: Asserted, service: string): string => {
    const nowMs = now().getTime();
    const ofIdentity = signed.get(identity) ?? new Map<string, { token: string; renewAtMs: number }>();
    const known = ofIdentity.get(service);
    if (known !== undefined && nowMs < known.renewAtMs) return known.token;
    const key = keys.get(service) ?? keyFor(serviceToken, service);
    keys.set(service, key);
    const iat = Math.floor(nowMs / 1_000);
    const token = sign({ ...identity, iss: ISSUER, aud: service, iat, exp: iat + LIFE_SECONDS }, key);
    ofIdentity.set(service, { token, renewAtMs: nowMs + (LIFE_SECONDS * 1_000) / 2 });
    signed.set(identity, ofIdentity);
    return token;
  };
}

/** Reads who is asking from what the router signed for this service; null for what it did not sign, or too long ago. */
export function createIdentityReader(serviceToken: string, service: string, now: () => Date) {
  const key = keyFor(serviceToken, service);
  const read = new LRUCache<string, { identity: Asserted; endsAtMs: number }>({ max: CACHED });
  return async (token: string): Promise<Asserted | null> => {
    const known = read.get(token);
    if (known !== undefined) return now().getTime() < known.endsAtMs ? known.identity : null;
    try {
      const { payload } = await jwtVerify(token, key, {
        issuer: ISSUER,
        audience: service,
        algorithms: ['HS256'],
        requiredClaims: ['exp'],
        maxTokenAge: LIFE_SECONDS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: now(),
      });
      const identity = assertedShape.parse(payload);
      read.set(token, { identity, endsAtMs: ((payload.exp ?? 0) + CLOCK_TOLERANCE_SECONDS) * 1_000 });
      return identity;
    } catch {
      return null;
    }
  };
}
