import type { Scope } from '@wheelhouse/contracts/access.ts';
import { openEventStream } from '@wheelhouse/router/testing/event-stream.ts';
import { type Answer, eventually, type GraphQLFault } from '../harness.ts';
import { openStream, type Stream } from '../stream.ts';
import type { Operation } from './graph.ts';
import type { House } from './house.ts';
import { NOT_FOR_KEYS, OF_OTHERS, RULES } from './rules.ts';

/** Somebody who asks the router. */
export type Caller = {
  token: string | undefined;
  kind: 'member' | 'key' | 'nobody' | 'expired';
  scopes: readonly Scope[];
  /** What they may do holds at some sites alone. */
  isLimited?: boolean;
};

/** What somebody gets of a field: what came of it, or why they were refused; anything else, by its code, nobody should get. */
export type Cell = 'allowed' | 'FORBIDDEN' | 'UNAUTHENTICATED' | 'TOKEN_EXPIRED';

/** What the table of rules has somebody get of a field, asked for what is not their own. */
export function wantedOf(declaredAs: string, { kind, scopes, isLimited = false }: Caller): Cell {
  if (kind === 'expired') return 'TOKEN_EXPIRED';
  const rule = RULES[declaredAs];
  if (rule === undefined) return 'allowed';
  if (kind === 'nobody') return 'UNAUTHENTICATED';
  if (kind === 'key' && NOT_FOR_KEYS.includes(declaredAs)) return 'FORBIDDEN';
  const ofOthers = OF_OTHERS[declaredAs];
  const anyOf = ofOthers === undefined ? rule.anyOf : [ofOthers];
  const isHeld = anyOf === 'signedIn' || anyOf.some((scope) => scopes.includes(scope));
  return isHeld && !(isLimited && rule.everywhere) ? 'allowed' : 'FORBIDDEN';
}

/** What was said of the one field of an operation; `text` is all that was said. */
export type Outcome = { value: unknown; codes: unknown[]; text: string };

const codeOf = ({ message, extensions }: GraphQLFault): unknown =>
  extensions?.code ?? (/[A-Z_]{5,}$/.exec(message)?.[0] || message);

const outcomeOf = ({ data, errors = [] }: Answer): Outcome => ({
  value: (data && 'device' in data ? data.device?.field : data?.field) ?? null,
  codes: errors.map(codeOf),
  text: JSON.stringify([data, errors]),
});

/** Through which doors a field of a type is asked for. */
export const doorsOf = (type: string): Door[] =>
  type === 'Subscription' ? ['websocket', 'server-sent events'] : ['HTTP'];

export type Door = 'HTTP' | 'websocket' | 'server-sent events';

/** Asks through a door of the router; of a stream, what it says first, or ends with. */
export async function ask(
  house: House,
  door: Door,
  token: string | undefined,
  { query, variables }: Operation,
): Promise<Outcome> {
  if (door === 'HTTP') return outcomeOf(await house.query(query, variables, token));
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (door === 'websocket') {
    const stream = openStream(house.url, { query, variables }, async () => headers);
    let end: Awaited<Stream['ended']> | undefined;
    void stream.ended.then((errors) => {
      end = errors;
    });
    await eventually(`${query} begins or ends`, () => stream.payloads.length > 0 || end !== undefined);
    await stream.close();
    return outcomeOf((stream.payloads[0] as Answer | undefined) ?? { errors: [...(end ?? [])] });
  }
  const stream = await openEventStream(house.url, { operation: { query, variables }, headers });
  await eventually(`${query} begins or ends`, () => stream.events.length > 0 || stream.end() !== null);
  stream.leave();
  return outcomeOf((stream.events[0] ?? JSON.parse(stream.text())) as Answer);
}

const LANES = 8;

/** Does something for each of the items, for some at a time: on a busy machine a hundred at a time would wait beyond the deadlines of services. */
export async function forEach<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (const item of left) await run(item);
    }),
  );
}

/** What who was let in may be told of things that are not there. */
const OF_ARGUMENTS: readonly unknown[] = ['BAD_USER_INPUT', 'NOT_FOUND', 'CURSOR_INVALID'];

/** Which cell it was; another code, or more than the refusal, where it was none of them. */
export function cellOf({ value, codes }: Outcome): string {
  const others = codes.filter((code) => !OF_ARGUMENTS.includes(code));
  if (others.length === 0) return 'allowed';
  return value === null ? [...new Set(others)].join(' and ') : `${others.join(' and ')} with ${JSON.stringify(value)}`;
}

type Payload = { userErrors?: { field: string | null; code: string }[]; results?: Payload[]; nodes?: unknown[] };

/** What an answer comes to: `nothing`, `something`, or what was refused: `input.id NOT_FOUND`. */
export function gist({ value, codes }: Outcome): string {
  if (codes.length > 0) return codes.join(' and ');
  if (value === null || (Array.isArray(value) && value.length === 0)) return 'nothing';
  const { userErrors = [], results = [], nodes } = value as Payload;
  const errors = [...userErrors, ...results.flatMap((result) => result.userErrors ?? [])];
  if (errors.length > 0) return errors.map(({ field, code }) => `${field} ${code}`).join(' and ');
  return nodes?.length === 0 ? 'nothing' : 'something';
}
