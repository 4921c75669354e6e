import { z } from 'zod';

/** QRC's error codes in words; OTHER for what its help does not list. */
const REFUSALS = {
  [-32700]: 'PARSE_ERROR',
  [-32600]: 'INVALID_REQUEST',
  [-32601]: 'METHOD_NOT_FOUND',
  [-32602]: 'INVALID_PARAMS',
  [-32603]: 'SERVER_ERROR',
  [-32604]: 'STANDBY',
  2: 'INVALID_PAGE_REQUEST_ID',
  3: 'BAD_PAGE_REQUEST',
  4: 'MISSING_FILE',
  5: 'CHANGE_GROUPS_EXHAUSTED',
  6: 'UNKNOWN_CHANGE_GROUP',
  7: 'UNKNOWN_COMPONENT',
  8: 'UNKNOWN_CONTROL',
  9: 'ILLEGAL_CHANNEL',
  10: 'LOGON_REQUIRED',
} as const;

export type Refusal = (typeof REFUSALS)[keyof typeof REFUSALS] | 'OTHER';

export const refusalOf = (code: number): Refusal =>
  code in REFUSALS ? REFUSALS[code as keyof typeof REFUSALS] : 'OTHER';

const errorSchema = z.object({ code: z.number(), message: z.string().catch('') });

export type Incoming =
  | { kind: 'result'; id: number; result: unknown }
  | { kind: 'error'; id: number; error: z.infer<typeof errorSchema> }
  | { kind: 'notification'; method: string; params: unknown }
  /** Nothing that a Core says; `detail` is short, whatever it was. */
  | { kind: 'garbage'; detail: string };

const messageSchema = z.object({
  // Ours are numbers; an error without a request's id has null.
  id: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
  method: z.unknown().optional(),
  params: z.unknown().optional(),
});

const garbage = (detail: string): Incoming => ({ kind: 'garbage', detail });

/** What a message from the Core is. */
export function readMessage(text: string | null): Incoming {
  if (text === null) return garbage('no UTF-8');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return garbage(`not JSON: ${text.slice(0, 40)}`);
  }
  const parsed = messageSchema.safeParse(body);
  if (!parsed.success) return garbage('no JSON-RPC message');
  const { id, result, error, method, params } = parsed.data;
  // Some write what is pushed as a result.
  if (typeof method === 'string' && id === undefined) return { kind: 'notification', method, params: params ?? result };
  if (typeof id !== 'number') return garbage('an answer to none of our requests');
  if (error === undefined || error === null) return { kind: 'result', id, result };
  const known = errorSchema.safeParse(error);
  return known.success ? { kind: 'error', id, error: known.data } : garbage('an error without a code');
}

/** What is of another type than it should be is as good as left out: one odd value must not hide the others. */
const valueSchema = {
  Value: z.union([z.number(), z.string(), z.boolean()]).nullish().catch(null),
  String: z.string().nullish().catch(null),
  Position: z.number().nullish().catch(null),
};

/** A control's value: as a number, as the Core writes it, and its place from 0 to 1. */
export type ControlValue = {
  name: string;
  value: number | string | boolean | null;
  text: string | null;
  position: number | null;
};
/** `component` is null for a control that goes by a name of its own. */
export type ControlChange = ControlValue & { component: string | null };

export const controlValueSchema = z.object({ Name: z.string(), ...valueSchema }).transform(
  (given): ControlValue => ({
    name: given.Name,
    value: given.Value ?? null,
    text: given.String ?? null,
    position: given.Position ?? null,
  }),
);

export const pollSchema = z.object({
  Id: z.union([z.string(), z.number()]),
  Changes: z.array(
    z
      .object({ Component: z.string().nullish(), Name: z.string(), ...valueSchema })
      .transform(
        (given): ControlChange => ({ ...controlValueSchema.parse(given), component: given.Component ?? null }),
      ),
  ),
});

export type EngineStatus = {
  platform: string | null;
  state: 'Idle' | 'Active' | 'Standby';
  designName: string;
  designCode: string;
  isRedundant: boolean;
  isEmulator: boolean;
  status: { code: number; text: string } | null;
};

export const engineStatusSchema = z
  .object({
    Platform: z.string().nullish(),
    State: z.enum(['Idle', 'Active', 'Standby']),
    DesignName: z.string().catch(''),
    DesignCode: z.string().catch(''),
    IsRedundant: z.boolean().catch(false),
    IsEmulator: z.boolean().catch(false),
    Status: z.object({ Code: z.number(), String: z.string().catch('') }).nullish(),
  })
  .transform(
    (given): EngineStatus => ({
      platform: given.Platform ?? null,
      state: given.State,
      designName: given.DesignName,
      designCode: given.DesignCode,
      isRedundant: given.IsRedundant,
      isEmulator: given.IsEmulator,
      status: given.Status ? { code: given.Status.Code, text: given.Status.String } : null,
    }),
  );
