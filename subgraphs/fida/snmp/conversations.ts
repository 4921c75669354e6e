import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import { profiles } from '../profiles/registry.ts';
import { isRefusal, SnmpFailure } from './failure.ts';
import { Limit } from './limit.ts';
import { couldNotLook, verdict } from './read.ts';
import { SnmpSession } from './session.ts';
import { type Remote, SharedSocket } from './shared-socket.ts';
import { type NoAnswer, type SnmpTarget, targetFault } from './target.ts';

/** More than one estate has displays; about 4 KB each. */
export const REMEMBERED_TARGETS = 10_000;

/** What is said to a display over a session that is open. @throws SnmpFailure */
export type Talk<T> = (session: SnmpSession, target: SnmpTarget, limit: Limit) => Promise<T>;

export type Conversations = {
  /** What `talk` comes to, or why it came to nothing: a value whatever happens to the display, within the limit. */
  hold: <T>(target: SnmpTarget, signal: AbortSignal | undefined, talk: Talk<T>) => Promise<T | NoAnswer>;
  /** Ends conversations that are under way (they become CANCELLED) and forgets the sessions. */
  close: () => void;
};

function addressOf({ host, port }: SnmpTarget): Remote | null {
  const family = isIP(host);
  return family === 4 || family === 6 ? { address: host, family, port } : null;
}

async function resolveHost(host: string, port: number): Promise<Remote> {
  try {
    const found = await lookup(host, { order: 'ipv4first' });
    return { address: found.address, family: found.family === 6 ? 6 : 4, port };
  } catch (err) {
    throw new SnmpFailure('HOST_NOT_FOUND', `${host} has no address`, { cause: err });
  }
}

/** A name for a target in memory that holds none of its keys. */
export function nameOf(target: SnmpTarget): string {
  const { host, port, version, community, user, authProtocol, authKey, privProtocol, privKey } = target;
  const parts = [host, port, version, community, user, authProtocol, authKey, privProtocol, privKey];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

/**
 * Conversations with displays: each has a session of its own, a deadline, and an end.
 *
 * @param options.timeoutMs how long each datagram is given before the next is sent
 * @param options.retries how many more datagrams are sent after the first
 * @param options.isSocketShared whether they share a socket, which is cheaper and hears no "port unreachable"
 */
export function createConversations(options: {
  timeoutMs: number;
  retries: number;
  isSocketShared: boolean;
}): Conversations {
  const totalMs = options.timeoutMs * (options.retries + 1);
  const running = new Set<Limit>();
  const shared = options.isSocketShared ? new SharedSocket() : null;
  const sessionOptions = { timeoutMs: options.timeoutMs, retries: options.retries, shared };
  let isClosed = false;
  // SNMPv3 sessions that have had an answer: without them each conversation would cost a round trip more for the engine's discovery.
  const sessions = new LRUCache<string, SnmpSession>({
    max: REMEMBERED_TARGETS,
    dispose: (session, _name, reason) => {
      if (reason !== 'delete') session.close();
    },
  });

  /** A session in use is not in the cache, so two conversations with one display never share one. */
  function takeSession(target: SnmpTarget): SnmpSession {
    const name = target.version === 'V3' ? nameOf(target) : null;
    const session = name === null ? undefined : sessions.get(name);
    if (name !== null && session !== undefined) sessions.delete(name);
    return session ?? new SnmpSession(target, sessionOptions);
  }

  function putBack(target: SnmpTarget, session: SnmpSession, isGood: boolean): void {
    if (isGood && target.version === 'V3' && !isClosed) sessions.set(nameOf(target), session);
    else session.close();
  }

  async function converse<T>(
    session: SnmpSession,
    target: SnmpTarget,
    remote: Remote,
    limit: Limit,
    talk: Talk<T>,
  ): Promise<T> {
    await session.open(remote);
    return talk(session, target, limit);
  }

  async function holdOnce<T>(
    session: SnmpSession,
    target: SnmpTarget,
    remote: Remote,
    limit: Limit,
    talk: Talk<T>,
  ): Promise<T | NoAnswer> {
    const wasProven = session.isProven;
    let isGood = false;
    try {
      const outcome = await limit.race(converse(session, target, remote, limit, talk));
      isGood = true;
      return outcome;
    } catch (err) {
      if (!(err instanceof SnmpFailure)) throw err;
      // A display that was replaced, or lost its memory, has another engine: what was remembered of the old one is void.
      const isStale = wasProven && (err.code === 'CREDENTIALS_REJECTED' || err.code === 'ENGINE_OUT_OF_STEP');
      // What was set may have been done, whatever came back, and is not sent a second time.
      if (isStale && !session.heard.isSetSent) {
        return await holdOnce(new SnmpSession(target, sessionOptions), target, remote, limit, talk);
      }
      return verdict(session, err);
    } finally {
      session.release();
      putBack(target, session, isGood);
    }
  }

  async function hold<T>(target: SnmpTarget, signal: AbortSignal | undefined, talk: Talk<T>): Promise<T | NoAnswer> {
    const fault = targetFault(target);
    if (fault !== null) return couldNotLook('INVALID_TARGET', fault);
    if (target.profile && !profiles.has(target.profile)) {
      return couldNotLook('INVALID_TARGET', `profile "${target.profile}" is unknown`);
    }
    if (isClosed) return couldNotLook('CANCELLED', 'the SNMP client is closed');
    const session = takeSession(target);
    if (target.version === 'V3') await session.prepare();
    const limit = new Limit(totalMs, signal);
    running.add(limit);
    let remote: Remote | null = null;
    try {
      remote = addressOf(target) ?? (await limit.race(resolveHost(target.host, target.port)));
      return await holdOnce(session, target, remote, limit, talk);
    } catch (err) {
      if (remote === null) putBack(target, session, session.isProven);
      if (!(err instanceof SnmpFailure)) throw err;
      const code = err.code === 'NO_ANSWER' || isRefusal(err.code) ? 'HOST_NOT_FOUND' : err.code;
      return couldNotLook(code, err.message);
    } finally {
      limit.clear();
      running.delete(limit);
    }
  }

  function close(): void {
    isClosed = true;
    for (const limit of running) limit.cancel();
    sessions.clear();
    shared?.close();
  }

  return { hold, close };
}
