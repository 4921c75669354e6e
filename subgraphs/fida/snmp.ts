import type { Profile } from './profiles/profile.ts';
import { createConversations, nameOf, REMEMBERED_TARGETS, type Talk } from './snmp/conversations.ts';
import { DetectedProfiles } from './snmp/detected.ts';
import { LackingObjects } from './snmp/lacking.ts';
import { type Answered, readProfile } from './snmp/read.ts';
import type { SnmpSession } from './snmp/session.ts';
import type { Look, SnmpTarget } from './snmp/target.ts';

export type { AuthProtocol, CouldNotLookCode, Look, PrivProtocol, SnmpTarget } from './snmp/target.ts';

export type SnmpProber = {
  /** One look at one display: a value whatever happens to it, within timeoutMs × (retries + 1). */
  look: (target: SnmpTarget, signal?: AbortSignal) => Promise<Look>;
  /** Ends looks that are under way (they become CANCELLED) and forgets what is remembered. */
  close: () => void;
};

/**
 * Looks at displays over SNMP.
 *
 * @param options.timeoutMs how long each datagram is given before the next is sent
 * @param options.retries how many more datagrams are sent after the first
 * @param options.nowMs the clock by which what a display lacks is asked for again @default performance.now
 */
export function createSnmpProber(options: { timeoutMs: number; retries: number; nowMs?: () => number }): SnmpProber {
  const { timeoutMs, retries, nowMs = () => performance.now() } = options;
  const { hold, close } = createConversations({ timeoutMs, retries, isSocketShared: true });
  const lacking = new LackingObjects({ agents: REMEMBERED_TARGETS, nowMs });
  const detected = new DetectedProfiles({ targets: REMEMBERED_TARGETS });

  function read(session: SnmpSession, target: SnmpTarget, profile: Profile): Promise<Answered> {
    // Another community, or another profile, is shown other objects.
    const memory = target.version === 'V1' ? { lacking, agent: `${nameOf(target)} ${profile.id}` } : null;
    return readProfile(session, profile, memory);
  }

  const talk: Talk<Answered> = (session, target) => detected.with(session, target, read);
  return { look: (target, signal) => hold(target, signal, talk), close };
}
