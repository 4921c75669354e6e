import { describe, expect, it } from 'vitest';
import { checkManner, faultAt, userErrorsOf } from './settings-manner.ts';

describe('the manner of a request', () => {
  it('has defaults', () => {
    expect(checkManner({})).toEqual({
      manner: { reason: null, idempotencyKey: null, expectedVersion: null, isDryRun: false, waitMs: 5_000 },
      faults: [],
    });
  });

  it.each([
    ['reason', 'x'.repeat(500), 'x'.repeat(501)],
    ['idempotencyKey', 'k'.repeat(200), 'k'.repeat(201)],
    ['idempotencyKey', 'k', ''],
    ['idempotencyKey', 'k', 'k\n'],
    ['waitMs', 0, -1],
    ['waitMs', 8_000, 8_001],
    ['expectedSettingsVersion', 0, -1],
  ])('takes %s up to its limit and no further', (field, good, bad) => {
    expect(checkManner({ [field]: good }).faults).toEqual([]);
    expect(checkManner({ [field]: bad }).faults).toMatchObject([{ path: ['input', field], code: 'INVALID' }]);
  });

  it('takes a reason of blanks for none', () => {
    expect(checkManner({ reason: '  ' }).manner.reason).toBeNull();
    expect(checkManner({ reason: ' tour ' }).manner.reason).toBe('tour');
  });

  it('is told with all its faults at once', () => {
    expect(checkManner({ reason: 'x'.repeat(501), waitMs: 9_000 }).faults).toHaveLength(2);
  });
});

it('mistakes stand in a payload with their paths in dots', () => {
  const faults = [faultAt('input.ids.3', 'NOT_FOUND', 'there is none'), { ...faultAt('', 'INVALID', 'no'), path: [] }];
  expect(userErrorsOf(faults)).toEqual([
    { field: 'input.ids.3', code: 'NOT_FOUND', message: 'there is none' },
    { field: null, code: 'INVALID', message: 'no' },
  ]);
});
