import { SCOPES } from '@wheelhouse/contracts/access.ts';
import { describe, expect, it } from 'vitest';
import { parseInput, RefusedError } from '../refusal.ts';
import { createKeyShape, inviteShape, updateUserShape } from './inputs.ts';

const keyShape = createKeyShape(new Date('2026-11-25T12:00:00Z'));
const wrong = (length: number, item: unknown = '') => Array.from({ length }, () => item);
const refusalOf = (parse: () => unknown): RefusedError => {
  try {
    parse();
  } catch (err) {
    if (err instanceof RefusedError) return err;
    throw err;
  }
  throw new Error('It was not refused');
};

describe('a list that is too long', () => {
  it.each([
    ['scopes', keyShape, { name: 'k', scopes: wrong(51) }],
    ['sites', keyShape, { name: 'k', scopes: ['estate:read'], sites: wrong(51) }],
    ['grants', inviteShape, { email: 'ann@example.org', grants: wrong(51) }],
    ['grants', updateUserShape, { id: 'a', grants: wrong(51) }],
  ])('of %s is told by its limit, and none of its items is looked at', (field, shape, input) => {
    expect(refusalOf(() => parseInput<unknown>(shape, input, ['input'])).faults).toEqual([
      { field: `input.${field}`, code: 'INVALID', message: `${field} must have at most 50 items` },
    ]);
  });
});

it('tells 50 faults at most', () => {
  const grants = wrong(50, { role: 'KING', site: '//' });
  const refusal = refusalOf(() => parseInput(inviteShape, { email: 'ann@example.org', grants }, ['input']));
  expect(refusal.faults).toHaveLength(50);
  expect(refusal.faults[49]).toMatchObject({ field: 'input.grants.24.site' });
});

const messages = (parsed: { error?: { issues: { path: PropertyKey[]; message: string }[] } }) =>
  parsed.error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
const sites = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => `hall-${index}-`.padEnd(length, 'x'));

it('takes grants that fit into a token, and names the limit for more', () => {
  const invite = (count: number, length: number) =>
    messages(
      inviteShape.safeParse({
        email: 'ann@example.org',
        grants: sites(count, length).map((site) => ({ role: 'ADMIN', site })),
      }),
    );
  expect(invite(20, 50)).toBeUndefined();
  expect(invite(50, 50)).toEqual([expect.stringMatching(/^grants must make at most 6000 bytes of an access token/)]);
  expect(invite(20, 200)).toEqual([expect.stringContaining('at most 6000 bytes')]);
});

it('takes a key whose scopes at its sites fit into a header, and names the limit for more', () => {
  const make = (count: number) => messages(keyShape.safeParse({ name: 'BI', scopes: SCOPES, sites: sites(count, 50) }));
  expect(make(20)).toBeUndefined();
  expect(make(50)).toEqual([expect.stringMatching(/^sites must make at most 6000 bytes of an access token/)]);
});
