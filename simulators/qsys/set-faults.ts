import type { ControlState } from './control-value.ts';
import { ERROR, QrcError } from './errors.ts';
import type { Fault } from './faults.ts';
import type { Assignment, RunningControl } from './running-design.ts';
import { DroppedError } from './session.ts';

type Clamp = Fault & { kind: 'clampsSets' };

function clamped(
  { definition }: RunningControl,
  state: ControlState,
  { minPosition, maxPosition }: Clamp,
): ControlState {
  if (definition.kind !== 'number') return state;
  const { min, max, type } = definition;
  const at = (position: number): number => min + position * (max - min);
  const number = Math.min(at(maxPosition), Math.max(at(minPosition), state.number));
  return { number: type === 'Integer' ? Math.round(number) : number, text: '' };
}

/**
 * Carries out a set as a Core with this fault does.
 *
 * @throws QrcError when it refuses; DroppedError when it drops the connection
 */
export function carryOut(
  assignments: readonly Assignment[],
  fault: Fault | null,
  act: {
    assign: (assignments: readonly Assignment[]) => void;
    later: (delayMs: number, act: () => void) => void;
  },
): void {
  switch (fault?.kind) {
    case 'refusesSets':
      throw new QrcError(ERROR[fault.error], 'The Core refuses');
    case 'ignoresSets':
      return;
    case 'clampsSets':
      act.assign(
        assignments.map(({ control, state, rampSeconds }) => ({
          control,
          state: clamped(control, state, fault),
          rampSeconds,
        })),
      );
      return;
    case 'obeysLate':
      act.later(fault.delayMs, () => act.assign(assignments));
      return;
    case 'dropsAtSet':
      if (fault.obeys) act.assign(assignments);
      throw new DroppedError('The Core drops the connection at a set');
    default:
      act.assign(assignments);
  }
}
