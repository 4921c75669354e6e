import { describe, expect, it } from 'vitest';
import { findingOfUnanswered, findingShape, observationJobs, problemOf, type Unanswered } from './observations.ts';

const silent: Unanswered = { kind: 'silent', detail: 'no answer within 2000 ms' };
const couldNotLook = (text: string): Unanswered => ({ kind: 'couldNotLook', cause: { code: 'NO_ROUTE', text } });

describe('a look without an answer', () => {
  it.each<[string, Unanswered, unknown]>([
    ['silence', silent, { kind: 'SILENT', detail: 'no answer within 2000 ms' }],
    ['one that could not be taken', couldNotLook('none'), { kind: 'COULD_NOT_LOOK', detail: 'NO_ROUTE: none' }],
  ])('is told as what it is: %s', (_name, look, finding) => {
    expect(findingShape.parse(findingOfUnanswered(look))).toEqual(finding);
  });

  it('has a problem, and one with an answer has none', () => {
    const looks: Parameters<typeof problemOf>[0][] = [{ kind: 'answered' }, silent, couldNotLook('x')];
    expect(looks.map(problemOf)).toEqual([null, 'no answer within 2000 ms', 'NO_ROUTE: x']);
  });

  it.each([
    ['NUL and other control characters', 'a\0b\r\n\x1b[31mc', 'NO_ROUTE: a b [31mc'],
    ['half a character', 'a\ud83d', 'NO_ROUTE: a\ufffd'],
    ['290 characters', 'x'.repeat(290), `NO_ROUTE: ${'x'.repeat(290)}`],
    ['291 characters', 'x'.repeat(291), `NO_ROUTE: ${'x'.repeat(290)}`],
    ['a character across the end', `${'x'.repeat(289)}\u{1f600}`, `NO_ROUTE: ${'x'.repeat(289)}\ufffd`],
  ])('can be stored although what was sent has %s', (_name, text, problem) => {
    expect(problemOf(couldNotLook(text))).toBe(problem);
  });
});

describe('what a chunk found', () => {
  const one = { deviceId: 'a', atMs: 60_001, finding: { kind: 'SILENT', detail: '' } } as const;

  it('is one job, by the same id whenever the chunk is run', () => {
    expect(observationJobs('FIDA', { slotMs: 60_000, keys: ['a', 'b'] }, [one])).toEqual([
      { id: 'FIDA-60000-a', payload: { slotMs: 60_000, observations: [one] } },
    ]);
  });

  it('is no job where it is nothing', () => {
    expect(observationJobs('FIDA', { slotMs: 60_000, keys: ['a'] }, [])).toEqual([]);
  });
});
