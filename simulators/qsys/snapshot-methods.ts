import { z } from 'zod';
import type { ControlState } from './control-value.ts';
import { ERROR, QrcError } from './errors.ts';
import { type Method, method, nameSchema, rampSchema } from './methods.ts';
import type { Bank, RunningControl } from './running-design.ts';

/** `Name` is the bank's, `Bank` the snapshot's number in it, from 1. */
const snapshotSchema = z.object({ Name: nameSchema, Bank: z.number().int() });

/** @throws QrcError invalidParams: QRC has no code of its own for this */
function savedIn({ saved }: Bank, number: number): Map<RunningControl, ControlState> | null {
  const found = saved[number - 1];
  if (found !== undefined) return found;
  throw new QrcError(ERROR.invalidParams, `Snapshot ${number} is not within 1 to ${saved.length}`);
}

export const snapshotMethods: Record<string, Method> = {
  'Snapshot.Load': method(snapshotSchema.extend({ Ramp: rampSchema }), ({ design, carryOut }, { Name, Bank, Ramp }) => {
    const snapshot = savedIn(design.bank(Name), Bank);
    if (snapshot === null) throw new QrcError(ERROR.invalidParams, `Snapshot ${Bank} of '${Name}' was never saved`);
    carryOut([...snapshot].map(([control, state]) => ({ control, state, rampSeconds: Ramp })));
    return true;
  }),
  'Snapshot.Save': method(snapshotSchema, ({ design }, { Name, Bank }) => {
    const bank = design.bank(Name);
    savedIn(bank, Bank);
    bank.saved[Bank - 1] = new Map(bank.controls.map((control) => [control, control.state]));
    return true;
  }),
};
