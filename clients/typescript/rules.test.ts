import { describe, expect, it } from 'vitest';
import { atOnceMs, backOffMs, endOfAnswer, endOfClose, judge, RETRY } from './rules.ts';

const ended = (...codes: (string | null)[]) => ({
  kind: 'errors' as const,
  errors: codes.map((code) => ({ message: 'no', ...(code !== null && { extensions: { code } }) })),
});

describe('the end of a subscription', () => {
  it.each([
    'SLOW_CONSUMER',
    'SUBSCRIPTION_SCHEMA_RELOAD',
    'SUBSCRIPTION_LIFETIME_EXCEEDED',
    'SUBGRAPH_UNAVAILABLE',
    'SUBGRAPH_TIMEOUT',
    'DATABASE_UNAVAILABLE',
    'INTERNAL_SERVER_ERROR',
  ])('%s is resumed: at once where it went well, later where it did not', (code) => {
    const reason = `${code}: no`;
    expect(judge(ended(code), true)).toEqual({ kind: 'resume', reason, atOnce: true });
    expect(judge(ended(code), false)).toEqual({ kind: 'resume', reason, atOnce: false });
  });

  it.each(['TOO_MANY_SUBSCRIPTIONS', 'RATE_LIMITED'])('%s is resumed, and never at once', (code) => {
    for (const wentWell of [true, false]) {
      expect(judge(ended(code), wentWell)).toMatchObject({ kind: 'resume', atOnce: false });
    }
  });

  it.each(['CURSOR_INVALID', 'CURSOR_EXPIRED'])('%s loses the cursor, whatever else came with it', (code) => {
    expect(judge(ended('SUBGRAPH_TIMEOUT', code), true)).toMatchObject({ kind: 'cursor lost' });
  });

  it.each(['GRAPHQL_VALIDATION_FAILED', 'GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN'])(
    '%s is final, however well it went',
    (code) => {
      expect(judge(ended(code), true)).toMatchObject({ kind: 'refused' });
      expect(judge(ended('SUBGRAPH_TIMEOUT', code), true)).toMatchObject({ kind: 'refused' });
    },
  );

  it.each(['DEPTH_LIMIT_EXCEEDED', null])(
    'with code %s is final where nothing had come, and resumed otherwise',
    (code) => {
      expect(judge(ended(code), false)).toMatchObject({ kind: 'refused' });
      expect(judge(ended('SUBGRAPH_TIMEOUT', code), false)).toMatchObject({ kind: 'refused' });
      expect(judge(ended(code), true)).toMatchObject({ kind: 'resume', atOnce: true });
    },
  );

  it('that is in order, or lost, is resumed', () => {
    expect(judge({ kind: 'complete' }, true)).toMatchObject({ kind: 'resume', atOnce: true });
    expect(judge({ kind: 'lost', reason: 'gone' }, false)).toEqual({ kind: 'resume', reason: 'gone', atOnce: false });
  });
});

describe('an answer in the place of a stream', () => {
  it.each([408, 429, 500, 502, 503, 504])('with HTTP %i passes', (status) => {
    expect(endOfAnswer(status, null)).toMatchObject({ kind: 'lost' });
  });

  it.each([
    [401, 'UNAUTHENTICATED'],
    [403, 'FORBIDDEN'],
    [404, 'HTTP_STATUS'],
    [200, 'HTTP_STATUS'],
  ])('with HTTP %i is %s', (status, code) => {
    expect(endOfAnswer(status, 'text')).toMatchObject({ kind: 'errors', errors: [{ extensions: { code } }] });
  });

  it('with errors in it means these errors, whatever its status', () => {
    const { errors } = ended('SUBGRAPH_TIMEOUT');
    expect(endOfAnswer(400, { errors })).toEqual({ kind: 'errors', errors });
  });
});

describe('a websocket', () => {
  it('that is closed with 4401 or 4403 is a refusal', () => {
    expect(endOfClose(4401, 'Unauthorized')).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(endOfClose(4403, '')).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    expect(endOfClose(4403, 'TOKEN_EXPIRED')).toMatchObject({ errors: [{ extensions: { code: 'TOKEN_EXPIRED' } }] });
  });

  it.each([1000, 1001, 1006, 1012, 4408, 4499, 4500])('that is closed with %i is a lost connection', (code) => {
    expect(endOfClose(code, '')).toEqual({ kind: 'lost', reason: `the connection was closed (${code})` });
  });
});

describe('the pause before another try', () => {
  const most = 1 - Number.EPSILON;

  it('is any time up to a bound that doubles, and no longer than the longest', () => {
    const bounds = [1, 2, 3, 5, 6, 60, 5_000].map((failures) => Math.round(backOffMs(failures, most, RETRY) / 1_000));
    expect(bounds).toEqual([1, 2, 4, 16, 30, 30, 30]);
    expect(backOffMs(3, 0.5, RETRY)).toBe(2_000);
  });

  it('is never shorter than the floor', () => {
    expect(backOffMs(9, 0, RETRY)).toBe(RETRY.floorMs);
    expect(atOnceMs(0, RETRY)).toBe(RETRY.floorMs);
    expect(atOnceMs(most, RETRY)).toBeLessThan(2 * RETRY.floorMs);
  });
});
