import { expect, it } from 'vitest';
import { readSessionCookies, writeSessionCookies } from './cookies.ts';

const sent = (written: string[]): { cookie: string } => ({
  cookie: written.map((line) => line.split(';', 1)[0]).join('; '),
});
const tokenOf = (length: number): string => `${'h'.repeat(40)}.${'p'.repeat(length - 128)}.${'s'.repeat(86)}`;

it.each([200, 3_800, 3_801, 7_600, 8_192])(
  'a token of %i characters comes back as it was, over TLS and without',
  (length) => {
    const tokens = { accessToken: tokenOf(length), refreshToken: 'whr_a-b_c' };
    for (const isTls of [true, false]) {
      const written = writeSessionCookies(tokens, {}, isTls);
      expect(readSessionCookies(sent(written), isTls)).toEqual({ access: tokens.accessToken, refresh: 'whr_a-b_c' });
      expect(readSessionCookies(sent(written), !isTls)).toEqual({ access: undefined, refresh: undefined });
      for (const line of written) expect(line.split(';', 1)[0]?.length).toBeLessThanOrEqual(4_096);
    }
  },
);

it('cookies that are taken away are all that there are of a session, and no others', () => {
  const headers = {
    cookie: `theme=dark; ${sent(writeSessionCookies({ accessToken: tokenOf(4_000), refreshToken: 'a' }, {}, false)).cookie}`,
  };
  const taken = writeSessionCookies(null, headers, false);
  expect(taken.map((line) => line.split('=', 1)[0])).toEqual([
    'wheelhouse_access',
    'wheelhouse_access_1',
    'wheelhouse_refresh',
  ]);
  for (const line of taken) expect(line).toMatch(/=; Max-Age=0; Path=\/(session)?; HttpOnly; SameSite=Strict$/);
});

it.each([
  'wheelhouse_access=',
  'wheelhouse_access=a.b',
  'wheelhouse_access=a.b.c d',
  'wheelhouse_access="a.b.c"x',
  'wheelhouse_refresh=%00',
])('what can be no token is none: %s', (cookie) => {
  expect(readSessionCookies({ cookie }, false)).toEqual({ access: undefined, refresh: undefined });
});
