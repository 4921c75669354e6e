import { describe, expect, it } from 'vitest';
import type { SettingsValues } from './settings-changes.ts';
import {
  afterAnswer,
  afterFirstLook,
  afterReadBack,
  givenUp,
  type SetAnswer,
  type SettingsReading,
  withStored,
} from './settings-rules.ts';

const reads = (values: SettingsValues): SettingsReading => ({
  kind: 'read',
  values,
  holds: (wanted) => Object.entries(wanted).every(([name, value]) => values[name] === value),
});
const silent = { kind: 'silent', detail: 'no answer within 2000 ms' } as const;
const unreadable = { kind: 'couldNotLook', cause: { code: 'HOST_NOT_FOUND', text: 'wall has no address' } } as const;
const refused = { kind: 'refused', code: 'CREDENTIALS_REJECTED', detail: 'unknown user' } as const;
const accepted = { kind: 'accepted' } as const;

describe('the look before anything is sent', () => {
  const change = { wanted: { level: 40, input: 'A' }, expected: null };

  it('lets values be sent that are not there yet, and says what they were', () => {
    const step = afterFirstLook(change, reads({ level: 70, input: 'A', other: 1 }));
    expect(step).toEqual({ kind: 'send', before: { level: 70, input: 'A' } });
  });

  it('tells null for what the subject does not say', () => {
    expect(afterFirstLook(change, reads({ level: 70 }))).toEqual({ kind: 'send', before: { level: 70, input: null } });
  });

  it('ends a change that is so already, and nothing is sent', () => {
    expect(afterFirstLook(change, reads({ level: 40, input: 'A' }))).toMatchObject({
      kind: 'end',
      outcome: {
        state: 'APPLIED',
        before: change.wanted,
        readBack: change.wanted,
        detail: expect.stringMatching(/so already/),
      },
    });
  });

  it.each([
    ['is another', { level: 60 }, { level: 70, input: 'A' }],
    ['is not told', { level: 60 }, { input: 'A' }],
    ['is another of a setting that is not asked for', { other: 1 }, { level: 70, input: 'A', other: 2 }],
    ['is another, although what is wanted is so already', { level: 60 }, { level: 40, input: 'A' }],
  ])('refuses a change whose expected value %s', (_name, expected, values) => {
    const step = afterFirstLook({ ...change, expected }, reads(values));
    expect(step).toMatchObject({ kind: 'end', outcome: { state: 'REJECTED', code: 'CONFLICT' } });
    expect(step.kind === 'end' && step.outcome.detail).toMatch(/as expected.*nothing was sent/);
  });

  it('lets a change through whose expected value is so', () => {
    expect(afterFirstLook({ ...change, expected: { level: 70 } }, reads({ level: 70 })).kind).toBe('send');
  });

  it.each([
    [silent, 'UNREACHABLE', 'NO_ANSWER', /no answer.*nothing was sent/],
    [unreadable, 'UNREACHABLE', 'HOST_NOT_FOUND', /no address.*nothing was sent/],
    [refused, 'REJECTED', 'CREDENTIALS_REJECTED', /^unknown user$/],
  ])('ends with %j as %s', (reading, state, code, detail) => {
    expect(afterFirstLook(change, reading)).toMatchObject({
      kind: 'end',
      outcome: { state, code, before: null, readBack: null, detail: expect.stringMatching(detail) },
    });
  });
});

describe('the answer', () => {
  it('that refuses ends the change in its own words', () => {
    expect(afterAnswer({ kind: 'refused', code: 'NOT_WRITABLE', detail: 'notWritable (17)' })).toEqual({
      ...{ state: 'REJECTED', before: null, readBack: null, code: 'NOT_WRITABLE', detail: 'notWritable (17)' },
    });
  });

  it.each([accepted, silent, unreadable])('%j calls for a look', (answer) => {
    expect(afterAnswer(answer)).toBeNull();
  });
});

describe('the look after the sending', () => {
  const wanted = { level: 40 };
  const other = reads({ level: 70 });
  const after = (reading: SettingsReading, answer: SetAnswer, isSettled: boolean, sendsLeft = 1) =>
    afterReadBack(wanted, reading, { answer, isSettled, sendsLeft });

  it.each([accepted, silent, unreadable])(
    'that finds what is wanted is APPLIED, whatever the answer was: %j',
    (answer) => {
      for (const isSettled of [false, true])
        expect(after(reads({ level: 40 }), answer, isSettled)).toMatchObject({
          kind: 'end',
          outcome: { state: 'APPLIED', readBack: { level: 40 }, code: null, detail: null },
        });
    },
  );

  it.each([
    ['reads otherwise', other],
    ['is not answered', silent],
    ['could not be taken', unreadable],
  ])('that %s is repeated until a slow subject has had its time', (_name, reading) => {
    for (const answer of [accepted, silent]) expect(after(reading, answer, false)).toEqual({ kind: 'readAgain' });
  });

  it('that reads otherwise in the end is a MISMATCH of what was accepted, and is not sent again', () => {
    const step = after(other, accepted, true);
    expect(step).toMatchObject({ kind: 'end', outcome: { state: 'MISMATCH', readBack: { level: 70 } } });
    expect(step.kind === 'end' && step.outcome.detail).toContain('level reads 70, wanted 40');
  });

  it('that reads otherwise names what does, and of many the first', () => {
    const names = Array.from({ length: 13 }, (_, index) => `level${index}`);
    const many = Object.fromEntries(names.map((name) => [name, 40]));
    const step = afterReadBack(many, reads({ ...many, level1: 70 }), {
      answer: accepted,
      isSettled: true,
      sendsLeft: 0,
    });
    expect(step).toMatchObject({ outcome: { detail: 'it was accepted, and level1 reads 70, wanted 40' } });
    const all = afterReadBack(many, reads({}), { answer: accepted, isSettled: true, sendsLeft: 0 });
    expect(all).toMatchObject({ outcome: { detail: expect.stringMatching(/level9 reads null, wanted 40; 3 more$/) } });
  });

  it.each([silent, unreadable])('that reads otherwise lets %j be sent again once, and no more', (answer) => {
    expect(after(other, answer, true, 1)).toEqual({ kind: 'sendAgain' });
    expect(after(other, answer, true, 0)).toMatchObject({ kind: 'end', outcome: { state: 'MISMATCH' } });
  });

  it('that reads otherwise tells the refusal of what may have taken effect in part, and nothing is sent again', () => {
    const partly = { kind: 'refused', code: 'UNDO_FAILED', detail: 'undoFailed (15)', isPartly: true } as const;
    expect(afterAnswer(partly)).toBeNull();
    expect(after(reads({ level: 40 }), partly, false)).toMatchObject({ outcome: { state: 'APPLIED' } });
    expect(after(other, partly, true)).toMatchObject({
      outcome: {
        state: 'MISMATCH',
        code: 'UNDO_FAILED',
        detail: expect.stringContaining('undoFailed (15), and level'),
      },
    });
  });

  it.each([silent, unreadable, refused])('that finds nothing, %j, says that nobody knows', (reading) => {
    const step = after(reading, accepted, true);
    expect(step).toMatchObject({ kind: 'end', outcome: { state: 'UNREACHABLE', readBack: null } });
    expect(step.kind === 'end' && step.outcome.detail).toMatch(/whether it took effect is not known$/);
  });
});

it.each([
  ['nothing was sent', null],
  ['whether it took effect is not known', new Date()],
])('a change that is given up says: %s', (said, sentAt) => {
  expect(givenUp({ sentAt, attempts: 5 })).toMatchObject({
    ...{ state: 'UNREACHABLE', readBack: null, code: 'INTERNAL_ERROR' },
    detail: expect.stringContaining(said),
  });
});

describe('a change of which a part is stored', () => {
  const refusal = {
    state: 'REJECTED',
    before: null,
    readBack: null,
    code: 'GEN_ERR',
    detail: 'level: genErr (5)',
  } as const;

  it('says so where the rest was refused', () => {
    expect(withStored(refusal, { hours: [] })).toEqual({
      ...{ ...refusal, readBack: { hours: [] }, detail: 'level: genErr (5); hours is stored all the same' },
    });
  });

  it('has it in what was read back, and no more to say, where all went well', () => {
    const applied = { state: 'APPLIED', before: null, readBack: { level: 40 }, code: null, detail: null } as const;
    expect(withStored(applied, { hours: [] })).toEqual({ ...applied, readBack: { hours: [], level: 40 } });
    expect(withStored(refusal, {})).toEqual(refusal);
  });
});
