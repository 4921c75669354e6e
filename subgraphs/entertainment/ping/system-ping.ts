import { platform } from 'node:os';
import builders from 'ping/lib/builder/factory.js';
import parsers from 'ping/lib/parser/factory.js';
import { firstLine, type RunProgram } from './run-program.ts';
import { type ToolFault, type Try, toolFaultOf } from './try.ts';

// This file alone uses the package `ping`: which arguments the platform's ping takes, and what its output means. Its `probe` is not
// used: it drops the exit code and the cause of a failed start, can't be called off, and lets an error of its own parser end the process.

/** What ping is given besides its waiting before it is taken to hang. */
const GRACE_MS = 2_000;

const ICMP_ERROR = /^From (\S+):? icmp_seq=\d+ (.+)$/m;

/** What ping's output says of its one try; null when it says neither that there was an answer nor that there was none. */
export function readPing(address: string, stdout: string): Try | null {
  try {
    const parser = parsers.createParser(address, platform(), {});
    for (const line of stdout.split('\n')) parser.eat(line);
    // Its values are numbers, or texts, or 'unknown'.
    const { alive, time, packetLoss } = parser.getResult();
    if (alive) return { kind: 'answered', roundTripTimeMs: typeof time === 'number' && time >= 0 ? time : null };
    if (Number(packetLoss) !== 100) return null;
    const [, router, what] = ICMP_ERROR.exec(stdout) ?? [];
    return { kind: 'noAnswer', told: what === undefined ? null : `${router} says: ${what}` };
  } catch {
    // The parser takes lines apart without looking; what it stumbles over is not ping's output.
    return null;
  }
}

/** One try at one address by one process of the system's ping. */
export async function tryByPing(
  run: RunProgram,
  file: string,
  address: string,
  options: { timeoutMs: number; signal: AbortSignal },
): Promise<Try | ToolFault> {
  const { timeoutMs, signal } = options;
  const settings = { numeric: true, timeout: timeoutMs / 1_000, min_reply: 1 };
  const args = builders.createBuilder(platform()).getCommandArguments(address, settings);
  const end = await run(file, args, { withinMs: timeoutMs + GRACE_MS, signal });
  const found = end.kind === 'ended' ? readPing(address, end.stdout) : null;
  if (found !== null) return found;
  // It says why on stderr, be it its own rights or the way to this address: only the first is true for every other address too.
  const fault = toolFaultOf('ping', end, null);
  if (fault !== null && (end.kind !== 'ended' || fault.code === 'TOOL_FORBIDDEN')) return fault;
  const said = end.kind === 'ended' ? (firstLine(end.stderr) ?? firstLine(end.stdout)) : null;
  return { kind: 'notSent', text: `the echo request was not sent: ${said ?? 'ping did not say why'}` };
}
