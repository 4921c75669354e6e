import { createHash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { LRUCache } from 'lru-cache';
import type { Profile } from './profiles/profile.ts';
import { profiles } from './profiles/registry.ts';
import { isRefusal, SnmpFailure } from './snmp/failure.ts';
import { LackingObjects } from './snmp/lacking.ts';
import { Limit } from './snmp/limit.ts';
import { type AgentMemory, couldNotLook, identify, readProfile, verdict } from './snmp/read.ts';
import { SnmpSession } from './snmp/session.ts';
import { type Remote, SharedSocket } from './snmp/shared-socket.ts';
import { type Look, type SnmpTarget, targetFault } from './snmp/target.ts';

export type { AuthProtocol, CouldNotLookCode, Look, PrivProtocol, SnmpTarget } from './snmp/target.ts';

/** More than one estate has displays; about 4 KB each. */
const REMEMBERED_TARGETS = 10_000;

export type SnmpProber = {
  /** One look at one display: a value whatever happens to it, within timeoutMs × (retries + 1). */
  look: (target: SnmpTarget, signal?: AbortSignal) => Promise<Look>;
  /** Ends looks that are under way (they become CANCELLED) and forgets what is remembered. */
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
function nameOf(target: SnmpTarget): string {
  const { host, port, version, community, user, authProtocol, authKey, privProtocol, privKey } = target;
  const parts = [host, port, version, community, user, authProtocol, authKey, privProtocol, privKey];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

/**
 * Looks at displays over SNMP.
 *
 * @param options.timeoutMs how long each datagram is given before the next is sent
 * @param options.retries how many more datagrams are sent after the first
 * @param options.nowMs the clock by which what a display lacks is asked for again @default performance.now
 */
export function createSnmpProber(options: { timeoutMs: number; retries: number; nowMs?: () => number }): SnmpProber {
  const totalMs = options.timeoutMs * (options.retries + 1);
  const running = new Set<Limit>();
  const shared = new SharedSocket();
  const sessionOptions = { timeoutMs: options.timeoutMs, retries: options.retries, shared };
  let isClosed = false;
  // SNMPv3 sessions that have had an answer: without them each look would cost a round trip more for the engine's discovery.
  const sessions = new LRUCache<string, SnmpSession>({
    max: REMEMBERED_TARGETS,
    dispose: (session, _name, reason) => {
      if (reason !== 'delete') session.close();
    },
  });
  const lacking = new LackingObjects({ agents: REMEMBERED_TARGETS, nowMs: options.nowMs ?? (() => performance.now()) });
  const detected = new LRUCache<string, Profile>({ max: REMEMBERED_TARGETS });

  /** A session in use is not in the cache, so two looks at one display never share one. */
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

  /** Another community, or another profile, is shown other objects. */
  const memoryOf = (target: SnmpTarget, profile: Profile): AgentMemory | null =>
    target.version === 'V1' ? { lacking, agent: `${nameOf(target)} ${profile.id}` } : null;

  async function readDetected(session: SnmpSession, target: SnmpTarget): Promise<Look> {
    const place = `${target.host} ${target.port}`;
    const known = detected.get(place);
    if (known !== undefined) {
      try {
        return await readProfile(session, known, memoryOf(target, known));
      } catch (err) {
        // Another model may hang in its place.
        detected.delete(place);
        if (!(err instanceof SnmpFailure) || err.code !== 'NOTHING_READABLE') throw err;
      }
    }
    const profile = await identify(session);
    const look = await readProfile(session, profile, memoryOf(target, profile));
    detected.set(place, profile);
    return look;
  }

  async function converse(session: SnmpSession, remote: Remote, target: SnmpTarget): Promise<Look> {
    await session.open(remote);
    const profile = target.profile ? profiles.get(target.profile) : undefined;
    return profile ? readProfile(session, profile, memoryOf(target, profile)) : readDetected(session, target);
  }

  async function lookOnce(target: SnmpTarget, remote: Remote, limit: Limit, session: SnmpSession): Promise<Look> {
    const wasProven = session.isProven;
    let isGood = false;
    try {
      const look = await limit.race(converse(session, remote, target));
      isGood = true;
      return look;
    } catch (err) {
      if (!(err instanceof SnmpFailure)) throw err;
      // A display that was replaced, or lost its memory, has another engine: what was remembered of the old one is void.
      const isStale = wasProven && (err.code === 'CREDENTIALS_REJECTED' || err.code === 'ENGINE_OUT_OF_STEP');
      if (isStale) return await lookOnce(target, remote, limit, new SnmpSession(target, sessionOptions));
      return verdict(session, err);
    } finally {
      session.release();
      putBack(target, session, isGood);
    }
  }

  async function look(target: SnmpTarget, signal?: AbortSignal): Promise<Look> {
    const fault = targetFault(target);
    if (fault !== null) return couldNotLook('INVALID_TARGET', fault);
    if (target.profile && !profiles.has(target.profile)) {
      return couldNotLook('INVALID_TARGET', `profile "${target.profile}" is unknown`);
    }
    if (isClosed) return couldNotLook('CANCELLED', 'the prober is closed');
    const session = takeSession(target);
    if (target.version === 'V3') await session.prepare();
    const limit = new Limit(totalMs, signal);
    running.add(limit);
    let remote: Remote | null = null;
    try {
      remote = addressOf(target) ?? (await limit.race(resolveHost(target.host, target.port)));
      return await lookOnce(target, remote, limit, session);
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
    shared.close();
  }

  return { look, close };
}
