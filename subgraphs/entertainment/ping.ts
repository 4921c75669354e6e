import type { Logger } from '@wheelhouse/kit/logger.ts';
import { createGate } from './ping/gate.ts';
import { createIcmp, type IcmpTools, type Round, type RoundOptions } from './ping/icmp.ts';
import { couldNotLook, type LookLimits, longestLookMs, type PingTarget } from './ping/look.ts';
import { resolveHost } from './ping/resolve.ts';
import { lookByTcp } from './ping/tcp.ts';

export type { IcmpTools, Round } from './ping/icmp.ts';
export type { CouldNotLookCode, Look, PingTarget } from './ping/look.ts';

/** Each takes a file: a process may often open no more than 1,024. */
const MOST_CONNECTIONS = 500;

export type Pinger = {
  /**
   * Opens the looks at a chunk's targets, whose places are `paceMs` apart: the returned function takes one, when its place has come.
   * It gives a value whatever happens to the target.
   */
  openRound: (targets: readonly PingTarget[], options: { paceMs: number; signal: AbortSignal }) => Round;
};

type Method = { openRound: (targets: readonly PingTarget[], options: RoundOptions) => Round };

function createTcp(limits: LookLimits): Method {
  const gate = createGate(MOST_CONNECTIONS);
  return {
    openRound:
      (_targets, { signal }) =>
      async (target) => {
        if (target.method !== 'TCP') return couldNotLook('INVALID_TARGET', 'it is not one for TCP');
        const resolved = await resolveHost(target.host, longestLookMs(limits));
        if (!('address' in resolved)) return resolved;
        return gate(() => lookByTcp({ address: resolved.address, port: target.port }, limits, signal));
      },
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
    openRound(targets, { paceMs, signal }) {
      const rounds = new Map<string, Round>();
      for (const [method, those] of Map.groupBy(targets, (target) => target.method)) {
        // As long as the chunk itself: what is between them of another method is not pinged by this one.
        const intervalMs = (paceMs * targets.length) / those.length;
        rounds.set(method, methods[method].openRound(those, { intervalMs, signal }));
      }
      return (target) =>
        rounds.get(target.method)?.(target) ??
        Promise.resolve(couldNotLook('INVALID_TARGET', 'it is not among the targets of this round'));
    },
  };
}
