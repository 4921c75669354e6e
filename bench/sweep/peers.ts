import type { Access } from '@wheelhouse/simulators/snmp/agent.ts';

export const HOST = '127.0.0.1';

/** How the displays of the bench are read. Simulated displays listen on loopback only, so these open nothing. */
export const ACCESS = {
  V2C: { version: 'V2C', community: 'bench-read' },
  V3: {
    version: 'V3',
    user: 'bench',
    authProtocol: 'SHA256',
    authKey: 'bench-auth-key',
    privProtocol: 'AES',
    privKey: 'bench-priv-key',
  },
} as const satisfies Record<string, Access>;

export type Version = keyof typeof ACCESS;
export const isVersion = (text: unknown): text is Version => text === 'V2C' || text === 'V3';

/** What displays.ts says when they answer. */
export type DisplaysMessage = { ports: number[] };

/**
 * How bare.ts goes through the displays: `fresh` opens a session for each GET and closes it, `kept` holds one open for every
 * display; both begin each GET at the place in the slot that the sweep has for it. `burst` is `fresh` as fast as it goes, 50 at a time.
 */
export type BareRound = { kind: 'fresh' | 'kept'; startMs: number; paceMs: number } | { kind: 'burst' };
export type BareSetup = { version: Version; ports: number[]; oids: string[] };
/** What bare.ts says after a round: how many GETs were answered, and how many were not. */
export type BareDone = { answered: number; failed: number };
