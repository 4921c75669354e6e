import { expect, it } from 'vitest';
import { z } from 'zod';
import { parseSubgraphBody, parseSubgraphResult } from './subgraph-response.ts';

const errorShape = z.object({
  message: z.string().catch(''),
  path: z
    .array(z.union([z.string(), z.number()]))
    .optional()
    .catch(undefined),
  extensions: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
const responseShape = z
  .object({ data: z.record(z.string(), z.unknown()).nullish(), errors: z.array(errorShape).nullish() })
  .refine((body) => body.data !== undefined || body.errors != null);

/** The same rules as a schema. */
function bySchema(value: unknown) {
  const parsed = responseShape.safeParse(value);
  if (!parsed.success) return null;
  const { data, errors } = parsed.data;
  return errors == null || errors.length === 0 ? { data } : { data, errors };
}

const datas = ['', '"data":null', '"data":{}', '"data":{"a":[1,{"b":null}]}', '"data":[]', '"data":"x"', '"data":0'];
const error = (rest: string): string => `"errors":[{"message":"m"${rest}}]`;
const errors = [
  '',
  '"errors":null',
  '"errors":[]',
  '"errors":{}',
  '"errors":"x"',
  '"errors":[null]',
  '"errors":["x"]',
  '"errors":[[]]',
  '"errors":[{}]',
  '"errors":[{"message":7}]',
  '"errors":[{"message":"m"},3]',
  ...['', ',"path":["a",0]', ',"path":[]', ',"path":"a"', ',"path":[null]', ',"path":[1e999]', ',"path":null'].map(
    error,
  ),
  ...[',"extensions":{"code":"X"}', ',"extensions":null', ',"extensions":[]', ',"extensions":1', ',"more":1'].map(
    error,
  ),
];
const bodies = datas.flatMap((data) =>
  errors.flatMap((list) => ['', '"extensions":{}'].map((more) => `{${[data, list, more].filter(Boolean).join(',')}}`)),
);

it('accepts, refuses and makes the same of an answer as a schema does', () => {
  const all = [...bodies, 'null', '[]', '[{"data":{}}]', '1', '"x"', 'true', '{}'].map((text): unknown =>
    JSON.parse(text),
  );
  expect(all.map(parseSubgraphResult)).toEqual(all.map(bySchema));
  expect(all.filter((value) => parseSubgraphResult(value) !== null).length).toBeGreaterThan(50);
});

it('refuses what is no JSON', () => {
  expect(['', '<h1>', '{"data":{'].map(parseSubgraphBody)).toEqual([null, null, null]);
});
