import { SCOPES } from '@wheelhouse/contracts/access.ts';
import { expect, it } from 'vitest';
import { createKeyShape, inviteShape } from './inputs.ts';

const NOW = new Date('2026-11-25T12:00:00.000Z');
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
  const make = (count: number) =>
    messages(createKeyShape(NOW).safeParse({ name: 'BI', scopes: SCOPES, sites: sites(count, 50) }));
  expect(make(20)).toBeUndefined();
  expect(make(50)).toEqual([expect.stringMatching(/^sites must make at most 6000 bytes of an access token/)]);
});
