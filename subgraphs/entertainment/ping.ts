import type { Logger } from '@wheelhouse/kit/logger.ts';
import { createGate } from './ping/gate.ts';
import { createIcmp, type IcmpTools } from './ping/icmp.ts';
import { couldNotLook, type LookLimits, longestLookMs, type PingTarget } from './ping/look.ts';
import { lookEach, type Places, type Seen } from './ping/places.ts';
import { resolveHost } from './ping/resolve.ts';
import { lookByTcp } from './ping/tcp.ts';

export type { IcmpTools } from './ping/icmp.ts';
export type { CouldNotLookCode, Look, PingTarget } from './ping/look.ts';
export type { Seen } from './ping/places.ts';

/** Each takes a file: a process may often open no more than 1,024. */
const MOST_CONNECTIONS = 500;

export type Pinger = {
  /**
   * Looks at a chunk's targets, the first at `startMs` and each other `paceMs` after the one before it. There is a look for each, in their
   * order, whatever happens to it; those that the signal cuts off are CANCELLED.
   */
  lookAt: (
    targets: readonly PingTarget[],
    chunk: { startMs: number; paceMs: number; signal: AbortSignal },
  ) => Promise<Seen[]>;
};

type Method = { lookAt: (targets: readonly PingTarget[], places: Places) => Promise<Seen[]> };

function createTcp(limits: LookLimits): Method {
  const gate = createGate(MOST_CONNECTIONS);
  return {
    lookAt: (targets, places) =>
      lookEach(targets, places, async (target) => {
        if (target.method !== 'TCP') return couldNotLook('INVALID_TARGET', 'it is not one for TCP');
        const resolved = await resolveHost(target.host, longestLookMs(limits));
        if (!('address' in resolved)) return resolved;
        return gate(() => lookByTcp({ address: resolved.address, port: target.port }, limits, places.signal));
      }),
  };
}

/**
 * Pings devices.
 *
 * @param options.timeoutMs how long one try is waited for
 * @param options.retries how many more tries there are after the first
 * @param options.tools the programs that send ICMP @default fping and ping, where they are installed
 * @param options.nowMs the clock by which tools are tried again @default performance.now
 */
export function createPinger(
  options: LookLimits & { logger: Logger; tools?: IcmpTools; nowMs?: () => number },
): Pinger {
  const { timeoutMs, retries, logger } = options;
  const limits: LookLimits = { timeoutMs, retries };
  const { tools = { fping: 'fping', ping: 'ping' }, nowMs = () => performance.now() } = options;
  const methods: Record<PingTarget['method'], Method> = {
    ICMP: createIcmp({ limits, tools, logger, nowMs }),
    TCP: createTcp(limits),
  };
  return {
    async lookAt(targets, { startMs, paceMs, signal }) {
      const seen = new Map<PingTarget, Seen>();
      await Promise.all(
        [...Map.groupBy(targets, (target) => target.method)].map(async ([method, those]) => {
          // Together they take as long as the chunk: what is between them is of another method, and not theirs to wait for.
          const intervalMs = (paceMs * targets.length) / those.length;
          const found = await methods[method].lookAt(those, { startMs, intervalMs, signal });
          for (const [index, target] of those.entries()) {
            const one = found[index];
            if (one !== undefined) seen.set(target, one);
          }
        }),
      );
      return targets.flatMap((target) => seen.get(target) ?? []);
    },
  };
}
