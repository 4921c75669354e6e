import { z } from 'zod';
import { ERROR } from './errors.ts';

const GARBAGE_STYLES = ['randomBytes', 'notJson', 'truncated', 'wrongShape', 'unknownId'] as const;
export type GarbageStyle = (typeof GARBAGE_STYLES)[number];

const REFUSALS = Object.keys(ERROR) as (keyof typeof ERROR)[];
const delayMsSchema = z.number().int().min(1).max(600_000);
const positionSchema = z.number().min(0).max(1);

/** What is the matter with how a Core sends. The EngineStatus that greets a new connection stays sound, save of a silent Core. */
const sendingFaultSchemas = [
  /** Takes connections and what is sent, and says nothing. */
  z.strictObject({ kind: z.literal('silent') }),
  /** Says everything so much later. */
  z.strictObject({ kind: z.literal('slow'), delayMs: delayMsSchema }),
  /** Sends what is no answer. Without a `style`, each draws one. */
  z.strictObject({ kind: z.literal('garbage'), style: z.enum(GARBAGE_STYLES).optional() }),
  /** Drops the connection in the middle of a message. */
  z.strictObject({ kind: z.literal('dropsMidFrame') }),
  /** Sends half of a message, and nothing more on that connection. */
  z.strictObject({ kind: z.literal('stallsMidFrame') }),
  /** Sends messages in pieces that end inside of UTF-8 characters, and between. */
  z.strictObject({ kind: z.literal('splitsFrames'), gapMs: z.number().int().min(0).max(1_000).default(1) }),
  /** Sends a message of so many bytes in place of an answer; without `bytes`, one without an end. */
  z.strictObject({ kind: z.literal('endlessFrame'), bytes: z.number().int().min(1).max(1_000_000_000).optional() }),
] as const;

/** What is the matter with how a Core takes sets: Control.Set, Component.Set, Mixer.Set... and Snapshot.Load. */
const setFaultSchemas = [
  /** Refuses every set with this error. */
  z.strictObject({ kind: z.literal('refusesSets'), error: z.enum(REFUSALS).default('server') }),
  /** Says that it has done what it was told, and does nothing. */
  z.strictObject({ kind: z.literal('ignoresSets') }),
  /** Takes numbers only as far as these positions, 0 being a control's least value and 1 its greatest. */
  z
    .strictObject({
      kind: z.literal('clampsSets'),
      minPosition: positionSchema.default(0),
      maxPosition: positionSchema.default(1),
    })
    .refine(({ minPosition, maxPosition }) => minPosition < maxPosition, {
      error: 'minPosition must be below maxPosition',
      path: ['minPosition'],
    }),
  /** Says that it has done what it was told, and does it so much later. */
  z.strictObject({ kind: z.literal('obeysLate'), delayMs: delayMsSchema }),
  /** Carries out a set or not, and drops the connection without an answer. */
  z.strictObject({ kind: z.literal('dropsAtSet'), obeys: z.boolean() }),
] as const;

export const faultSchema = z.discriminatedUnion('kind', [...sendingFaultSchemas, ...setFaultSchemas]);

export type Fault = z.infer<typeof faultSchema>;
type Random = () => number;

const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const randomBytes = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => below(random, 256)));

/** What is sent in place of a message. */
export function garbageFor(message: string, given: GarbageStyle | undefined, random: Random): Buffer {
  const style = given ?? GARBAGE_STYLES[below(random, GARBAGE_STYLES.length)] ?? 'notJson';
  const octets = Buffer.from(message);
  switch (style) {
    case 'randomBytes':
      return randomBytes(random, 1 + below(random, 1_400));
    case 'notJson':
      return Buffer.from('<html><body>502 Bad Gateway</body></html>');
    case 'truncated':
      return octets.subarray(0, 1 + below(random, octets.length - 1));
    case 'wrongShape':
      return Buffer.from(
        '{"jsonrpc":"2.0","id":{"a":[null]},"result":{"Changes":7},"error":"none","method":12,"params":null}',
      );
    case 'unknownId':
      return Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: `nobody-${below(random, 1_000)}`, result: true }));
    default:
      return style satisfies never;
  }
}

/** A message in pieces: one ends inside of every character of more than one byte, and they are at most 64 bytes long. */
export function unevenPieces(message: string): Buffer[] {
  const octets = Buffer.from(message);
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = 1; at < octets.length; at++) {
    // 10xxxxxx: a byte that goes on with a character.
    const isInside = ((octets[at] ?? 0) & 0xc0) === 0x80;
    if (!isInside && at - start < 64) continue;
    pieces.push(octets.subarray(start, at));
    start = at;
  }
  pieces.push(octets.subarray(start));
  return pieces;
}
