import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { isDatabaseAway, isUnstorableText } from './errors.ts';

const withCode = (code: string): Error => Object.assign(new Error(code), { code });
const failedQuery = (cause: Error): Error => new DrizzleQueryError('select 1', [], cause);

describe('errors of the database', () => {
  it.each([
    'ECONNREFUSED',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'CONNECT_TIMEOUT',
    'CONNECTION_CLOSED',
    'CONNECTION_DESTROYED',
    '57P01',
    '57P03',
    '53300',
  ])('mean with %s that it is away, however deep', (code) => {
    expect(isDatabaseAway(withCode(code))).toBe(true);
    expect(isDatabaseAway(failedQuery(withCode(code)))).toBe(true);
    expect(
      isDatabaseAway(failedQuery(new AggregateError([withCode('EPERM'), withCode(code)], 'all tries failed'))),
    ).toBe(true);
  });

  it.each(['23505', '42P01', '57014', '40P01', 'EACCES'])('do not mean with %s that it is away', (code) => {
    expect(isDatabaseAway(failedQuery(withCode(code)))).toBe(false);
  });

  it('are told from other things, and from causes that go round in a circle', () => {
    const circle = new Error('circle');
    circle.cause = circle;
    for (const thing of [null, undefined, 'ECONNREFUSED', { code: 'ECONNREFUSED' }, circle])
      expect(isDatabaseAway(thing)).toBe(false);
  });

  it('mean with 22021 that a text can not be stored', () => {
    expect(isUnstorableText(failedQuery(withCode('22021')))).toBe(true);
    expect(isUnstorableText(failedQuery(withCode('22003')))).toBe(false);
  });
});
