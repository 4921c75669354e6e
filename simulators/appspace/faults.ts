import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

/** What is the matter with the cloud. Tokens are given as ever, unless the kind says otherwise. */
export const cloudFaultSchema = z.discriminatedUnion('kind', [
  /** Answers late, to everything. */
  z.strictObject({ kind: z.literal('slow'), delayMs: z.number().int().min(1).max(600_000) }),
  /** Breaks the connection off in place of an answer. */
  z.strictObject({ kind: z.literal('dropped') }),
  /** Answers this status. */
  z.strictObject({ kind: z.literal('status'), status: z.number().int().min(300).max(599) }),
  /** Too many requests. A number of seconds, or a text as it is (an HTTP date); null leaves the header out. */
  z.strictObject({
    kind: z.literal('tooMany'),
    /** 503 says the same for another reason. @default 429 */
    status: z.union([z.literal(429), z.literal(503)]).optional(),
    retryAfter: z.union([z.number().int().min(0), z.string(), z.null()]),
    /** After so many refusals it is well again. @default never */
    times: z.number().int().min(1).optional(),
  }),
  /** A page for people, with status 200. */
  z.strictObject({ kind: z.literal('html') }),
  /** Half of the JSON. */
  z.strictObject({ kind: z.literal('truncated') }),
  /** JSON of this size: 100 MB if not told. */
  z.strictObject({ kind: z.literal('huge'), megabytes: z.number().int().min(1).max(1_000).default(100) }),
  /** Access tokens are taken back when this many pages were given. */
  z.strictObject({
    kind: z.literal('revoked'),
    afterPages: z.number().int().min(0),
    times: z.number().int().min(1).default(1),
  }),
  /** The refresh token is not taken. */
  z.strictObject({ kind: z.literal('refused') }),
  /** Every page of a list is the first. */
  z.strictObject({ kind: z.literal('repeatingPage') }),
  /** Pages from this one on (the first is 0) are empty, while the count stays. */
  z.strictObject({ kind: z.literal('emptyPage'), fromPage: z.number().int().min(0) }),
  /** Every field of every item is left out but the id. */
  z.strictObject({ kind: z.literal('missingFields') }),
  /** Every field of every item is null but the id. */
  z.strictObject({ kind: z.literal('nullFields') }),
  /** Items, and the list itself, have fields that no documentation names, some of them deep. */
  z.strictObject({ kind: z.literal('extraFields') }),
  /** Fields are of other kinds than they should be. */
  z.strictObject({ kind: z.literal('wrongKinds') }),
]);
export type CloudFault = z.infer<typeof cloudFaultSchema>;

const HTML = '<!doctype html><html><body><h1>We are sorry</h1><p>Appspace is being maintained.</p></body></html>';
const MEGABYTE = Buffer.alloc(1024 * 1024, 'x');

function* hugeJson(megabytes: number): Generator<Buffer> {
  yield Buffer.from('{"items":["');
  for (let sent = 0; sent < megabytes; sent += 1) yield MEGABYTE;
  yield Buffer.from('"]}');
}

/** Sends a sound answer as a cloud with this fault does. */
export async function sendSpoilt(response: ServerResponse, body: unknown, fault: CloudFault | null): Promise<void> {
  const text = JSON.stringify(body);
  switch (fault?.kind) {
    case 'dropped':
      response.destroy();
      return;
    case 'status':
      response.writeHead(fault.status, {
        'content-type': 'application/json',
        location: 'http://127.0.0.1:9/elsewhere',
      });
      response.end(JSON.stringify({ message: 'Something went wrong' }));
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end(HTML);
      return;
    case 'truncated':
      response.writeHead(200, { 'content-type': 'application/json' }).end(text.slice(0, Math.floor(text.length / 2)));
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' });
      // As fast as the client reads it; that it stops reading is what it should do.
      return pipeline(Readable.from(hugeJson(fault.megabytes)), response).catch(() => undefined);
    default:
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(text);
  }
}

type Item = Record<string, unknown>;

/** An item of a list as a cloud with this fault has it. */
export function spoilItem(item: Item, fault: CloudFault | null): Item {
  const others = Object.keys(item).filter((field) => field !== 'id');
  const withAll = (value: (field: string, index: number) => unknown): Item => ({
    id: item.id,
    ...Object.fromEntries(others.map((field, index) => [field, value(field, index)])),
  });
  switch (fault?.kind) {
    case 'missingFields':
      return { id: item.id };
    case 'nullFields':
      return withAll(() => null);
    case 'extraFields':
      return { ...item, tags: [{ deep: [[[{ deeper: item.id }]]] }], __proto: 'x', ключ: true, healthScore: -0.5 };
    case 'wrongKinds':
      return withAll((_field, index) => [[], {}, true, 12.5, ['Online'], { status: 'Online' }][index % 6]);
    default:
      return item;
  }
}
