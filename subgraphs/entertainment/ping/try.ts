import type { CouldNotLookCode } from './look.ts';
import { firstLine, type ProgramEnd } from './run-program.ts';

/** What a program says of one try to reach one address. */
export type Try =
  | { kind: 'answered'; roundTripTimeMs: number | null }
  /** `told` is what a router said in the device's place. */
  | { kind: 'noAnswer'; told: string | null }
  /** The echo request did not leave, or nobody knows whether it did. */
  | { kind: 'notSent'; text: string };

/** Why the program could try nothing at all. */
export type ToolFault = { kind: 'toolFault'; code: CouldNotLookCode; text: string };

const FORBIDDEN = /not permitted|permission denied|must run as root|cap_net_raw/i;

/**
 * What keeps a program from its work, or null when nothing does.
 *
 * @param failures the exit codes that say so; null: every one
 */
export function toolFaultOf(program: string, end: ProgramEnd, failures: readonly number[] | null): ToolFault | null {
  const fault = (code: CouldNotLookCode, text: string): ToolFault => ({ kind: 'toolFault', code, text });
  switch (end.kind) {
    case 'cancelled':
      return fault('CANCELLED', 'the look was cut off');
    case 'late':
      return fault('TOOL_FAILED', `${program} did not end in time`);
    case 'notStarted':
      if (end.code === 'ENOENT') return fault('TOOL_MISSING', `${program} is not installed`);
      // EPERM: its file has capabilities that this process can't have (capabilities(7)).
      if (end.code === 'EACCES' || end.code === 'EPERM')
        return fault('TOOL_FORBIDDEN', `${program} may not be run (${end.code})`);
      return fault('TOOL_FAILED', `${program} can't be started: ${end.text}`);
    case 'ended': {
      if (end.exitCode !== null && failures !== null && !failures.includes(end.exitCode)) return null;
      if (FORBIDDEN.test(end.stderr))
        return fault('TOOL_FORBIDDEN', `${program} may not send ICMP: ${firstLine(end.stderr)}`);
      const how = end.exitCode === null ? 'it was killed' : `exit code ${end.exitCode}`;
      return fault('TOOL_FAILED', `${program} failed: ${firstLine(end.stderr) ?? firstLine(end.stdout) ?? how}`);
    }
    default:
      return end satisfies never;
  }
}
