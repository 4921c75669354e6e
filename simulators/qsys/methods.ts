import { z } from 'zod';
import type { ChangeGroups } from './change-groups.ts';
import { ERROR, QrcError } from './errors.ts';
import type { Assignment, RunningDesign } from './running-design.ts';

/** What a method works on. */
export type MethodContext = {
  design: RunningDesign;
  groups: ChangeGroups;
  /** Has the Core carry out a set, as far as its fault lets it. @throws QrcError */
  carryOut: (assignments: readonly Assignment[]) => void;
};

/** @throws QrcError */
export type Method = (context: MethodContext, params: unknown) => unknown;

/** A method that takes these parameters; others, which a client may well give besides, are passed over. */
export function method<S extends z.ZodType>(
  schema: S,
  run: (context: MethodContext, params: z.output<S>) => unknown,
): Method {
  return (context, params) => {
    const parsed = schema.safeParse(params);
    if (parsed.success) return run(context, parsed.data);
    const [issue] = parsed.error.issues;
    const field = ['params', ...(issue?.path ?? [])].join('.');
    throw new QrcError(ERROR.invalidParams, `${field}: ${issue?.message}`);
  };
}

export const nameSchema = z.string();
/** Seconds over which a value moves to where it is set. */
export const rampSchema = z.number().min(0).max(86_400).default(0);
