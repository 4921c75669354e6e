import { expect, it } from 'vitest';
import { findingOf } from './rules.ts';

it('a light that answers with anything but 200 has a problem', () => {
  const answer = { kind: 'answered', roundTripMs: 2 } as const;
  expect(findingOf({ ...answer, status: 200 })).toEqual({ kind: 'ANSWERED', problems: [] });
  expect(findingOf({ ...answer, status: 500 })).toEqual({ kind: 'ANSWERED', problems: ['It answers with HTTP 500'] });
});
