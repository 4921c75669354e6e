import type { Logger } from '@wheelhouse/kit/logger.ts';
import { tryByFping } from './fping.ts';
import { createGate } from './gate.ts';
import { couldNotLook, type Look, type LookLimits, longestLookMs, type PingTarget, silence } from './look.ts';
import { lookEach, type Places, type Seen, untilDue } from './places.ts';
import { isAddress, type Resolved, resolveHost } from './resolve.ts';
import { runProgram } from './run-program.ts';
import { tryByPing } from './system-ping.ts';
import type { ToolFault, Try } from './try.ts';

/** Programs by name or file. */
export type IcmpTools = { fping: string; ping: string };
type Tool = { kind: 'fping' | 'ping'; file: string };

/** One takes about 4 ms of CPU: more at a time would only wait for each other. */
const MOST_PINGS = 64;
/** Between the echo requests of a second try. */
const RETRY_INTERVAL_MS = 1;
/** How long after a tool was found to be of no use it is tried again: somebody may have installed it. */
const TRY_TOOLS_AGAIN_MS = 60_000;
/** All of 127.0.0.0/8 answers wherever ICMP can be sent and heard at all. */
const TRIAL_ADDRESS = '127.0.0.1';
const TRIAL_MS = 2_000;

const verdictOf = (found: Exclude<Try, { kind: 'noAnswer' }>, sent: number): Look =>
  found.kind === 'answered'
    ? { kind: 'answered', sent, roundTripTimeMs: found.roundTripTimeMs }
    : couldNotLook('NETWORK_ERROR', found.text);

/**
 * Looks by ICMP: one fping process for a chunk where fping is of use, else one ping process for each look. A tool is of use when
 * loopback answers it: an fping without the right to raw sockets hears nothing on the ones it gets, and would find everything silent.
 */
export function createIcmp(options: { limits: LookLimits; tools: IcmpTools; logger: Logger; nowMs: () => number }) {
  const { limits, tools, logger, nowMs } = options;
  const gate = createGate(MOST_PINGS);
  let chosen: { tool: Tool | ToolFault; untilMs: number } | null = null;
  let choosing: Promise<Tool | ToolFault> | null = null;
  let saidLast: string | null = null;

  async function trialOf(kind: Tool['kind']): Promise<ToolFault | null> {
    const waiting = { timeoutMs: TRIAL_MS, intervalMs: 1, isTelling: true, signal: AbortSignal.timeout(2 * TRIAL_MS) };
    const outcome =
      kind === 'fping'
        ? await tryByFping(runProgram, tools.fping, [TRIAL_ADDRESS], waiting)
        : await tryByPing(runProgram, tools.ping, TRIAL_ADDRESS, waiting);
    const found = outcome instanceof Map ? outcome.get(TRIAL_ADDRESS) : outcome;
    if (found?.kind === 'toolFault') return found;
    if (found?.kind === 'answered') return null;
    return { kind: 'toolFault', code: 'TOOL_FAILED', text: `${kind} hears no answer from ${TRIAL_ADDRESS}` };
  }

  /** Says what became of the tools, once for each time that it changes. */
  function say(level: 'info' | 'warn', text: string, message: string): void {
    if (saidLast === text) return;
    saidLast = text;
    logger[level]({ reason: text }, message);
  }

  async function choose(): Promise<Tool | ToolFault> {
    const fping = await trialOf('fping');
    if (fping === null) {
      if (saidLast !== null) say('info', 'fping is of use', 'ICMP can be sent');
      return { kind: 'fping', file: tools.fping };
    }
    const ping = await trialOf('ping');
    if (ping === null) {
      const level = fping.code === 'TOOL_MISSING' ? 'info' : 'warn';
      say(level, fping.text, 'ICMP is sent by one ping process for each look, which costs much more than fping');
      return { kind: 'ping', file: tools.ping };
    }
    const fault = { ...(fping.code === 'TOOL_MISSING' ? ping : fping), text: `${fping.text}; ${ping.text}` };
    say('warn', fault.text, 'nothing can be looked at by ICMP');
    return fault;
  }

  function toolNow(): Promise<Tool | ToolFault> {
    if (chosen !== null && nowMs() < chosen.untilMs) return Promise.resolve(chosen.tool);
    choosing ??= choose().then((tool) => {
      // The better tool may come, too: only fping is kept until it fails.
      chosen = { tool, untilMs: tool.kind === 'fping' ? Number.POSITIVE_INFINITY : nowMs() + TRY_TOOLS_AGAIN_MS };
      choosing = null;
      return tool;
    });
    return choosing;
  }

  function giveUp(fault: ToolFault): Look {
    if (fault.code !== 'CANCELLED') chosen = null;
    return couldNotLook(fault.code, fault.text);
  }

  async function lookByPing(file: string, address: string, signal: AbortSignal): Promise<Look> {
    let told: string | null = null;
    for (let sent = 1; sent <= limits.retries + 1; sent += 1) {
      const found = await gate(() => tryByPing(runProgram, file, address, { timeoutMs: limits.timeoutMs, signal }));
      if (found.kind === 'toolFault') return giveUp(found);
      if (found.kind !== 'noAnswer') return verdictOf(found, sent);
      told = found.told ?? told;
    }
    return silence(limits, told);
  }

  /** Looks at all of these addresses, by one process for each try: the first is at all, the others are at those without an answer. */
  async function lookByFping(file: string, all: readonly string[], options: Places): Promise<Map<string, Look>> {
    const looks = new Map<string, Look>();
    const told = new Map<string, string>();
    let open: readonly string[] = [...new Set(all)];
    for (let sent = 1; sent <= limits.retries + 1 && open.length > 0; sent += 1) {
      // Only the last try must tell silence from what was not sent. The others keep no places: they are few, and wait already.
      const { timeoutMs, retries } = limits;
      const intervalMs = sent === 1 ? options.intervalMs : RETRY_INTERVAL_MS;
      const how = { timeoutMs, intervalMs, isTelling: sent === retries + 1, signal: options.signal };
      const tries = await tryByFping(runProgram, file, open, how);
      if (!(tries instanceof Map)) {
        const look = giveUp(tries);
        for (const address of open) looks.set(address, look);
        return looks;
      }
      for (const [address, found] of tries) {
        if (found.kind !== 'noAnswer') looks.set(address, verdictOf(found, sent));
        else if (found.told !== null) told.set(address, found.told);
      }
      open = open.filter((address) => !looks.has(address));
    }
    for (const address of open) looks.set(address, silence(limits, told.get(address) ?? null));
    return looks;
  }

  const resolve = (host: string): Promise<Resolved> => resolveHost(host, longestLookMs(limits));

  /** Looks at hosts by name: nobody else waits for their addresses. */
  async function lookByName(file: string, names: readonly string[], places: Places): Promise<Map<string, Look>> {
    const found = new Map(await Promise.all(names.map(async (name) => [name, await resolve(name)] as const)));
    const addresses = [...found.values()].flatMap((one) => ('address' in one ? one.address : []));
    const looks = await lookByFping(file, addresses, places);
    const lookOf = (one: Resolved): Look =>
      'address' in one ? (looks.get(one.address) ?? couldNotLook('TOOL_FAILED', 'fping did not say')) : one;
    return new Map([...found].map(([name, one]) => [name, lookOf(one)]));
  }

  async function lookByFpingAt(file: string, targets: readonly PingTarget[], places: Places): Promise<Seen[]> {
    const hosts = [...new Set(targets.map(({ host }) => host))];
    await untilDue(places.startMs);
    const begunMs = Date.now();
    const [byAddress, byName] = await Promise.all([
      lookByFping(file, hosts.filter(isAddress), places),
      lookByName(
        file,
        hosts.filter((host) => !isAddress(host)),
        places,
      ),
    ]);
    return targets.map(({ host }, index) => ({
      // fping keeps the places from where it began.
      atMs: begunMs + index * places.intervalMs,
      dueMs: places.startMs + index * places.intervalMs,
      look: byAddress.get(host) ?? byName.get(host) ?? couldNotLook('TOOL_FAILED', 'fping did not say'),
    }));
  }

  /** Looks at these targets, which are all by ICMP. */
  async function lookAt(targets: readonly PingTarget[], places: Places): Promise<Seen[]> {
    const tool = await toolNow();
    if (tool.kind === 'fping') return lookByFpingAt(tool.file, targets, places);
    return lookEach(targets, places, async ({ host }) => {
      if (tool.kind === 'toolFault') return couldNotLook(tool.code, tool.text);
      const resolved = await resolve(host);
      return 'address' in resolved ? lookByPing(tool.file, resolved.address, places.signal) : resolved;
    });
  }

  return { lookAt };
}
