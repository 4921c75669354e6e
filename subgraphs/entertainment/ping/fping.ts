import type { RunProgram } from './run-program.ts';
import { type ToolFault, type Try, toolFaultOf } from './try.ts';

/** Fewer than this apart only root may send (fping's own rule). */
const LEAST_INTERVAL_MS = 1;
/** What fping is given besides its waiting before it is taken to hang. */
const GRACE_MS = 3_000;

const RESULT = /^(\S+)\s+: (-|\d+(?:\.\d+)?)$/;
const TIMED_OUT = /^(\S+)\s+: \[0\], timed out\b/;
const ICMP_ERROR = /^ICMP (.+) from (\S+) for ICMP Echo sent to (\S+)/;
const COMPLAINT = /^(\S+): (.+)$/;

/** Whole lines only: what a program that was cut off said last may be half a number. */
const wholeLines = (text: string): string[] => text.split('\n').slice(0, -1);

/**
 * What fping said of each address, from `-C 1`: on stderr a line `address : ms` or `address : -`; without `-q` also on stdout a line
 * `address : [0], timed out ...` for what was sent and not answered. An echo request that could not be sent is a `-` without it.
 */
export function readFping(
  { stdout, stderr }: { stdout: string; stderr: string },
  addresses: readonly string[],
  isTelling = true,
): Map<string, Try> {
  const results = new Map<string, string>();
  const told = new Map<string, string>();
  const complaints = new Map<string, string>();
  for (const line of wholeLines(stderr)) {
    const [, address, result] = RESULT.exec(line) ?? [];
    if (address !== undefined && result !== undefined) {
      results.set(address, result);
      continue;
    }
    const [, what, router, target] = ICMP_ERROR.exec(line) ?? [];
    if (what !== undefined && target !== undefined) {
      told.set(target, `${router} says: ${what}`);
      continue;
    }
    const [, complainedOf, complaint] = COMPLAINT.exec(line) ?? [];
    if (complainedOf !== undefined && complaint !== undefined) complaints.set(complainedOf, complaint);
  }
  const timedOut = new Set(wholeLines(stdout).flatMap((line) => TIMED_OUT.exec(line)?.[1] ?? []));
  return new Map(
    addresses.map((address): [string, Try] => {
      const result = results.get(address);
      if (result !== undefined && result !== '-')
        return [address, { kind: 'answered', roundTripTimeMs: Number(result) }];
      if (result === '-' && (!isTelling || timedOut.has(address) || told.has(address)))
        return [address, { kind: 'noAnswer', told: told.get(address) ?? null }];
      const why = complaints.get(address) ?? (result === '-' ? 'there is no way to it from here' : 'fping did not say');
      return [address, { kind: 'notSent', text: `the echo request was not sent: ${why}` }];
    }),
  );
}

/** 3: it does not know an option, 4: a system call failed, such as the one for its socket (fping(8)). */
const FAILURES = [3, 4];

/** How fping is run over the addresses of one try. */
export type FpingRun = {
  timeoutMs: number;
  intervalMs: number;
  /** Whether it is told apart who is silent and whom nothing was sent to; else both are silent. */
  isTelling: boolean;
  signal: AbortSignal;
};

/**
 * One try at each of these addresses by one fping process, `intervalMs` apart. The addresses are different from each other, and
 * addresses only: fping looks names up one after another before it begins. To tell is dear: it is a line, and a wake-up of ours, for each.
 */
export async function tryByFping(
  run: RunProgram,
  file: string,
  addresses: readonly string[],
  options: FpingRun,
): Promise<Map<string, Try> | ToolFault> {
  const intervalMs = Math.max(LEAST_INTERVAL_MS, Math.floor(options.intervalMs));
  // With one echo request for each address the period is the longest that its answer is waited for.
  const waiting = ['-t', `${options.timeoutMs}`, '-p', `${options.timeoutMs}`, '-i', `${intervalMs}`];
  const withinMs = addresses.length * intervalMs + options.timeoutMs + GRACE_MS;
  const args = [...(options.isTelling ? [] : ['-q']), '-C', '1', ...waiting, ...addresses];
  const end = await run(file, args, { withinMs, signal: options.signal });
  const fault = toolFaultOf('fping', end, FAILURES);
  if (fault !== null || end.kind !== 'ended')
    return fault ?? { kind: 'toolFault', code: 'TOOL_FAILED', text: 'fping failed' };
  return readFping(end, addresses, options.isTelling);
}
