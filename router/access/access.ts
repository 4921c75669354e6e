import { API_KEY_PREFIX, MAX_REFUSALS, REFUSALS_PATH } from '@wheelhouse/contracts/access.ts';
import { createIdentitySigner, type Grant } from '@wheelhouse/kit/identity.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { openRefusals, type Refusals } from '@wheelhouse/kit/refusals.ts';
import type { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { createKeyReader } from './api-keys.ts';
import { anonymous, type Caller, createRights } from './caller.ts';
import { accessEnded, accountsAway, tokenExpired, unauthenticated } from './faults.ts';
import { followRevocations, Revocations } from './revocations.ts';
import { createTokenReader, type Verdict } from './tokens.ts';

/** Tells who asks, and vouches for them with the services. */
export type Access = {
  /**
   * @param authorization the header as it came
   * @param origin the caller's address
   * @throws GraphQLError UNAUTHENTICATED, TOKEN_EXPIRED or ACCOUNTS_UNAVAILABLE
   */
  identify: (authorization: string | undefined, origin: string | null) => Promise<Caller> | Caller;
  /** Whether it takes no looking to tell who that is: they are known, or say nothing of who they are. */
  isKnown: (authorization: string | undefined, origin: string | null) => boolean;
  /** Why a caller counts no longer; null while they do. */
  endOf: (caller: Caller) => GraphQLError | null;
  /** What a service is told of who asks. */
  vouch: ReturnType<typeof createIdentitySigner>;
  /** What a caller may do, without who they are. */
  rightsOf: ReturnType<typeof createRights>;
  /** Tells the audit log of whom the router refuses what. */
  noteRefusal: (caller: Caller, what: string, code: string) => void;
  /** Told whenever something was taken away from somebody, until the function that it returns is called. */
  onTaken: (listener: () => void) => () => void;
  close: () => Promise<void>;
};

export type AccessOptions = {
  /** Where the accounts service is. */
  accounts: URL;
  serviceToken: string;
  /** What who has not signed in may do. */
  anonymousGrants: readonly Grant[];
  now: () => Date;
  logger: Logger;
};

const MOST_CALLERS = 20_000;
const REFUSALS_TIMEOUT_MS = 5_000;

/** The router has no database: what it refuses the accounts service writes down. */
function openRouterRefusals({ accounts, serviceToken, now, logger }: AccessOptions): Refusals {
  const url = new URL(REFUSALS_PATH, accounts);
  return openRefusals({
    ...{ service: 'router', now, logger, maxRows: MAX_REFUSALS - 1 },
    write: async (refusals) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${serviceToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ refusals }),
        signal: AbortSignal.timeout(REFUSALS_TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
    },
  });
}

export function createAccess(options: AccessOptions): Access {
  const { accounts, serviceToken, anonymousGrants, now, logger } = options;
  const refusals = openRouterRefusals(options);
  const noteRefusal: Access['noteRefusal'] = ({ asserted }, what, code) =>
    refusals.note({ identity: asserted, what, code });
  const readKey = createKeyReader(accounts, { serviceToken, now });
  const revocations = new Revocations();
  const listeners = new Set<() => void>();
  const known = new LRUCache<string, { caller: Caller; keptUntilMs: number }>({ max: MOST_CALLERS });
  const strangers = new LRUCache<string, Caller>({ max: MOST_CALLERS });
  const aborter = new AbortController();
  const readToken = createTokenReader(accounts, { now, signal: aborter.signal });
  const following = followRevocations({
    ...{ accounts, serviceToken, revocations, now, logger, signal: aborter.signal },
    onChange: () => {
      for (const listener of listeners) listener();
    },
  });

  const endOf: Access['endOf'] = (caller) => {
    if (now().getTime() >= caller.untilMs) return tokenExpired();
    return revocations.concerns(caller) ? accessEnded() : null;
  };

  const refusal = (verdict: Exclude<Verdict, { kind: 'valid' }>): GraphQLError => {
    switch (verdict.kind) {
      case 'expired':
        return tokenExpired();
      case 'invalid':
        return unauthenticated('The access token or API key is not one that counts here');
      case 'unknown':
        logger.warn({ err: verdict.cause }, 'who asks could not be found out');
        return accountsAway();
      default:
        return verdict satisfies never;
    }
  };

  /** Who comes with what was taken from them is worth a record; who comes late with a token is not. */
  const ended = (caller: Caller, end: GraphQLError): GraphQLError => {
    if (end.extensions.code === 'UNAUTHENTICATED') noteRefusal(caller, 'identify', 'UNAUTHENTICATED');
    return end;
  };

  const look = async (token: string, origin: string | null, key: string): Promise<Caller> => {
    const verdict = await (token.startsWith(API_KEY_PREFIX) ? readKey(token, origin) : readToken(token));
    if (verdict.kind !== 'valid') throw refusal(verdict);
    const { identity, rightsVersion, sinceMs, untilMs, keptUntilMs } = verdict;
    // Its claims and no others: what else a token says is nobody's business behind this door.
    const { sub, sid, name, grants } = identity;
    const caller: Caller = { asserted: { sub, sid, name, grants, origin }, rightsVersion, sinceMs, untilMs };
    const end = endOf(caller);
    if (end !== null) throw ended(caller, end);
    known.set(key, { caller, keptUntilMs });
    return caller;
  };

  const tokenOf = (authorization: string): string | undefined => /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  const keyOf = (token: string, origin: string | null): string => `${origin} ${token}`;

  const isKnown: Access['isKnown'] = (authorization, origin) => {
    if (authorization === undefined) return true;
    const token = tokenOf(authorization);
    const kept = token === undefined ? undefined : known.get(keyOf(token, origin));
    return kept !== undefined && now().getTime() < kept.keptUntilMs && endOf(kept.caller) === null;
  };

  const identify: Access['identify'] = (authorization, origin) => {
    if (authorization === undefined) {
      const stranger = strangers.get(origin ?? '') ?? anonymous([...anonymousGrants], origin);
      strangers.set(origin ?? '', stranger);
      return stranger;
    }
    const token = tokenOf(authorization);
    if (token === undefined)
      throw unauthenticated('The header authorization must be: Bearer, a space, and an access token or API key');
    const key = keyOf(token, origin);
    const kept = known.get(key);
    if (kept === undefined || now().getTime() >= kept.keptUntilMs) return look(token, origin, key);
    const end = endOf(kept.caller);
    if (end === null) return kept.caller;
    known.delete(key);
    throw ended(kept.caller, end);
  };

  return {
    identify,
    isKnown,
    endOf,
    vouch: createIdentitySigner(serviceToken, now),
    rightsOf: createRights(),
    noteRefusal,
    onTaken: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      aborter.abort(new Error('the router is stopping'));
      await following;
      await refusals.close();
    },
  };
}
