import { describe, expect, it } from 'vitest';
import { findingOf, lookOf, targetOf } from './rules.ts';
import { aResult } from './testing/links.ts';

const status = (overrides: Record<string, unknown> = {}) => ({
  ...{ Platform: 'Core 510i', State: 'Active', DesignName: 'Museum', DesignCode: 'qALFilm6IcAz' },
  ...{ IsRedundant: true, IsEmulator: false, Status: { Code: 0, String: 'OK' } },
  ...overrides,
});
const problemsOf = (overrides: Record<string, unknown>) => {
  const look = lookOf(aResult(status(overrides)));
  return look.kind === 'answered' ? look.state.problems : look;
};

describe('a look at a Core', () => {
  it('tells what it says of itself', () => {
    expect(lookOf(aResult(status()))).toEqual({
      ...{ kind: 'answered', roundTripMs: 1.5 },
      state: {
        ...{ platform: 'Core 510i', engineState: 'ACTIVE', designName: 'Museum', designCode: 'qALFilm6IcAz' },
        ...{ isRedundant: true, isEmulator: false, problems: [] },
      },
    });
  });

  it.each([
    ['an OK status', { Status: { Code: 0, String: 'OK' } }, []],
    ['a compromised one', { Status: { Code: 1, String: 'Fan 2 is slow' } }, ['Compromised: Fan 2 is slow']],
    ['a fault', { Status: { Code: 2, String: 'Fault' } }, ['Fault']],
    ['a fault without words', { Status: { Code: 2, String: '' } }, ['Fault']],
    ['a status that nobody has described', { Status: { Code: 42, String: 'Odd' } }, ['Status 42: Odd']],
    ['no design', { State: 'Idle' }, ['No design is running']],
    ['standby, which is no fault', { State: 'Standby' }, []],
    ['a fault on standby', { State: 'Standby', Status: { Code: 2, String: 'PSU' } }, ['Fault: PSU']],
  ])('finds %s', (_what, overrides, problems) => {
    expect(problemsOf(overrides)).toEqual(problems);
  });

  it('keeps what PostgreSQL would not out of what it quotes, and makes it short', () => {
    const [problem = ''] = problemsOf({ Status: { Code: 2, String: `a\u0000b\ud800${'x'.repeat(400)}` } }) as string[];
    expect(problem.startsWith('Fault: a b\ufffd')).toBe(true);
    expect(problem).toHaveLength(300);
  });

  it('takes fields of another type for left out, and an answer without a status for none', () => {
    expect(lookOf(aResult({ Platform: 7, State: 'Dreaming', Status: { Code: 0 } }))).toMatchObject({
      ...{ kind: 'answered', state: { platform: null, engineState: null, isRedundant: null, problems: [] } },
    });
    for (const nonsense of [null, [], 'OK', {}, { Status: 'OK' }, { Status: { Code: 'x' } }])
      expect(lookOf(aResult(nonsense))).toMatchObject({ kind: 'couldNotLook', cause: { code: 'MALFORMED' } });
  });

  it('takes the refusal of a Core on standby for its state, and any other for no look', () => {
    const refusal = (code: string) => lookOf({ kind: 'refused', code, detail: 'no', roundTripMs: 2 });
    expect(findingOf(refusal('STANDBY'))).toEqual({ kind: 'ANSWERED', problems: [] });
    expect(refusal('STANDBY')).toMatchObject({ roundTripMs: 2, state: { engineState: 'STANDBY' } });
    expect(findingOf(refusal('SERVER_ERROR'))).toEqual({ kind: 'COULD_NOT_LOOK', detail: 'SERVER_ERROR: no' });
  });

  it('never mixes silence up with a look that could not be taken', () => {
    expect(findingOf({ kind: 'silent', detail: 'no answer within 3000 ms' })).toEqual({
      ...{ kind: 'SILENT', detail: 'no answer within 3000 ms' },
    });
    const cause = { code: 'CREDENTIALS_REJECTED', text: 'no' };
    expect(findingOf({ kind: 'couldNotLook', cause })).toEqual({
      ...{ kind: 'COULD_NOT_LOOK', detail: 'CREDENTIALS_REJECTED: no' },
    });
  });
});

describe('a target', () => {
  it('has a logon where the registry has both parts of one', () => {
    const connection = { host: 'core', port: 1710, transport: 'TCP' };
    expect(targetOf(connection, {})).toEqual({ ...connection, fingerprint: null, logon: null });
    expect(targetOf({ ...connection, certificateFingerprint: 'AA' }, {})).toMatchObject({ fingerprint: 'AA' });
    expect(targetOf({ ...connection, user: 'u' }, { password: 'p' }).logon).toEqual({ user: 'u', password: 'p' });
    expect(() => targetOf({ ...connection, transport: 'CARRIER_PIGEON' }, {})).toThrow();
  });
});
