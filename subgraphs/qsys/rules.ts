import { type Finding, findingOfUnanswered } from '@wheelhouse/contracts/observations.ts';
import { z } from 'zod';
import type { CoreTarget, Failure, Reply } from './qrc.ts';

const targetShape = z.object({
  host: z.string(),
  port: z.number(),
  transport: z.enum(['TCP', 'WEBSOCKET', 'WEBSOCKET_TLS']),
  certificateFingerprint: z.string().nullish(),
  user: z.string().nullish(),
  password: z.string().nullish(),
});

/** The target that a registry item describes. @throws ZodError for one that a newer registry wrote */
export function targetOf(connection: Record<string, unknown>, secrets: Record<string, unknown>): CoreTarget {
  const { host, port, transport, certificateFingerprint, user, password } = targetShape.parse({
    ...{ ...connection, ...secrets },
  });
  return {
    host,
    port,
    transport,
    fingerprint: certificateFingerprint ?? null,
    logon: user && password ? { user, password } : null,
  };
}

export type EngineState = 'ACTIVE' | 'IDLE' | 'STANDBY';

/** What a Core says of itself. Null is what it does not tell. */
export type CoreState = {
  platform: string | null;
  engineState: EngineState | null;
  designName: string | null;
  designCode: string | null;
  isRedundant: boolean | null;
  isEmulator: boolean | null;
  /** What it says is wrong; empty when all is well. */
  problems: string[];
};

/** What one look at a Core found. */
export type Look = { kind: 'answered'; roundTripMs: number; state: CoreState } | Failure;

const PROBLEM_CHARACTERS = 300;
const NAME_CHARACTERS = 1_000;

/** It comes over the network, and PostgreSQL refuses a whole chunk for one NUL or half a character in it. */
export const printable = (text: string, characters = NAME_CHARACTERS): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, characters)
    .toWellFormed();

const text = z.string().transform((given) => printable(given));

/** StatusGet's result, by the vendor's help. A field that is of another type than there is as good as left out. */
const statusShape = z.object({
  Platform: text.nullish().catch(null),
  State: z.string().nullish().catch(null),
  DesignName: text.nullish().catch(null),
  DesignCode: text.nullish().catch(null),
  IsRedundant: z.boolean().nullish().catch(null),
  IsEmulator: z.boolean().nullish().catch(null),
  Status: z.object({ Code: z.number(), String: z.string().catch('') }),
});

const STATES: Readonly<Record<string, EngineState>> = { Active: 'ACTIVE', Idle: 'IDLE', Standby: 'STANDBY' };

/** The vendor's numbering of statuses; QRC's help has no list, its other interfaces have these. */
const STATUS_NAMES = [
  ...['OK', 'Compromised', 'Fault', 'Not present', 'Missing', 'Initializing', 'Unknown', 'Offline', 'Idle'],
];

function problemsOf(code: number, words: string, state: EngineState | null): string[] {
  const problems: string[] = [];
  if (code !== 0) {
    const name = STATUS_NAMES[code] ?? `Status ${code}`;
    const said = words.trim();
    problems.push(said === '' || said.toLowerCase() === name.toLowerCase() ? name : `${name}: ${said}`);
  }
  if (state === 'IDLE') problems.push('No design is running');
  return problems.map((problem) => printable(problem, PROBLEM_CHARACTERS));
}

const UNTOLD = { platform: null, designName: null, designCode: null, isRedundant: null, isEmulator: null };

/** What a Core's answer to StatusGet says. */
export function lookOf(reply: Reply): Look {
  switch (reply.kind) {
    case 'silent':
    case 'couldNotLook':
      return reply;
    case 'refused':
      // A backup that waits is as it should be, whether it tells its status or refuses to.
      if (reply.code === 'STANDBY')
        return {
          kind: 'answered',
          roundTripMs: reply.roundTripMs,
          state: { ...UNTOLD, engineState: 'STANDBY', problems: [] },
        };
      return { kind: 'couldNotLook', cause: { code: reply.code, text: reply.detail } };
    case 'result': {
      const parsed = statusShape.safeParse(reply.result);
      if (!parsed.success)
        return { kind: 'couldNotLook', cause: { code: 'MALFORMED', text: 'the Core answered with no status' } };
      const { Platform, State, DesignName, DesignCode, IsRedundant, IsEmulator, Status } = parsed.data;
      const engineState = STATES[State ?? ''] ?? null;
      const state: CoreState = {
        ...{ platform: Platform ?? null, designName: DesignName ?? null, designCode: DesignCode ?? null },
        ...{ isRedundant: IsRedundant ?? null, isEmulator: IsEmulator ?? null, engineState },
        problems: problemsOf(Status.Code, Status.String, engineState),
      };
      return { kind: 'answered', roundTripMs: reply.roundTripMs, state };
    }
    default:
      return reply satisfies never;
  }
}

/** What the status engine is told of a look. */
export const findingOf = (look: Look): Finding =>
  look.kind === 'answered' ? { kind: 'ANSWERED', problems: look.state.problems } : findingOfUnanswered(look);
