import { z } from 'zod';
import type { PreparedSet, SetResult } from '../snmp/mib-view.ts';
import { ERROR_STATUS } from '../snmp/pdu.ts';

/** Every error-status but noError. */
const REFUSALS = Object.keys(ERROR_STATUS).filter((name) => name !== 'noError') as Exclude<
  keyof typeof ERROR_STATUS,
  'noError'
>[];

/** What is the matter with how a display takes SETs. GETs are answered soundly. */
export const controlFaultSchemas = [
  /** Refuses every SET, with this error-status. */
  z.strictObject({ kind: z.literal('refusesSets'), error: z.enum(REFUSALS).default('genErr') }),
  /** Says that it has done what it was told, and does nothing. */
  z.strictObject({ kind: z.literal('ignoresSets') }),
  /** Says that it has done what it was told, and does it later. */
  z.strictObject({ kind: z.literal('obeysLate'), delayMs: z.number().int().min(1).max(600_000) }),
  /** Carries out the first SET or not, answers it or not, and is silent from then on, until a fault is set or taken away. */
  z.strictObject({ kind: z.literal('diesAtSet'), obeys: z.boolean(), answers: z.boolean() }),
] as const;

export type ControlFault = z.infer<(typeof controlFaultSchemas)[number]>;

const KINDS: ReadonlySet<string> = new Set(controlFaultSchemas.map(({ shape }) => shape.kind.value));
export const isControlFault = (fault: { kind: string }): fault is ControlFault => KINDS.has(fault.kind);

/** What a display with this fault does with a SET, and what it says of it. A wrong SET is refused as ever. */
export function carryOut(
  set: PreparedSet,
  fault: ControlFault,
  act: { later: (delayMs: number, change: () => void) => void; die: () => void },
): SetResult {
  switch (fault.kind) {
    case 'refusesSets':
      return { errorStatus: ERROR_STATUS[fault.error], errorIndex: 1 };
    case 'ignoresSets':
      return set;
    case 'obeysLate':
      act.later(fault.delayMs, set.commit);
      return set;
    case 'diesAtSet':
      if (fault.obeys) set.commit();
      act.die();
      return set;
    default:
      return fault satisfies never;
  }
}
