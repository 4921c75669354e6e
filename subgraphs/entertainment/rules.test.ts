import { describe, expect, it } from 'vitest';
import { silence } from './ping/look.ts';
import type { Look } from './ping.ts';
import { findingOf, readableTarget, tallyOf, targetOf } from './rules.ts';
import { anAnswer, NOT_LOOKED } from './testing/looks.ts';

describe('a registry entry', () => {
  it.each([
    [
      { host: 'h', method: 'ICMP' },
      { host: 'h', method: 'ICMP', port: null },
    ],
    [
      { host: 'h', method: 'TCP', port: 80 },
      { host: 'h', method: 'TCP', port: 80 },
    ],
    [
      { host: 'h', method: 'TCP', port: 80, later: true },
      { host: 'h', method: 'TCP', port: 80 },
    ],
  ])('%j is read', (connection, target) => {
    expect(targetOf(connection)).toMatchObject({ host: target.host, method: target.method });
    expect(readableTarget(connection)).toEqual(target);
  });

  it.each([{}, { host: 'h' }, { host: 'h', method: 'UDP' }, { host: 'h', method: 'TCP' }, { method: 'ICMP' }])(
    '%j is not one that this version can read',
    (connection) => {
      expect(() => targetOf(connection)).toThrow();
      expect(readableTarget(connection)).toBeNull();
    },
  );

  it('that nobody has told of is nothing', () => {
    expect(readableTarget(undefined)).toBeNull();
  });
});

const silent = (retries: number, told: string | null = null): Look => silence({ timeoutMs: 1_000, retries }, told);

describe('the status engine is told', () => {
  it.each<[string, Look, ReturnType<typeof findingOf>]>([
    ['of an answer', anAnswer(), { kind: 'ANSWERED', problems: [] }],
    ['of an answer of unknown length', anAnswer({ roundTripTimeMs: null }), { kind: 'ANSWERED', problems: [] }],
    ['of silence', silent(0), { kind: 'SILENT', detail: 'no answer within 1000 ms' }],
    ['of silence to two tries', silent(1), { kind: 'SILENT', detail: 'no answer within 1000 ms, 2 times' }],
    [
      'what a router said meanwhile',
      silent(1, '10.0.0.1 says: Host Unreachable'),
      { kind: 'SILENT', detail: 'no answer within 1000 ms, 2 times (10.0.0.1 says: Host Unreachable)' },
    ],
    ['that nobody could look', NOT_LOOKED, { kind: 'COULD_NOT_LOOK', detail: 'NETWORK_ERROR: no way' }],
  ])('%s', (_what, look, finding) => {
    expect(findingOf(look)).toEqual(finding);
  });
});

describe('what is lost of a look', () => {
  it.each<[string, Look, ReturnType<typeof tallyOf>]>([
    ['nothing when the first try is answered', anAnswer({ sent: 1 }), { sent: 1, lost: 0 }],
    ['one when the second is', anAnswer({ sent: 2 }), { sent: 2, lost: 1 }],
    ['all when none is', silent(1), { sent: 2, lost: 2 }],
    ['the only one', silent(0), { sent: 1, lost: 1 }],
    ['not known when nobody could look', NOT_LOOKED, null],
  ])('is %s', (_what, look, tally) => {
    expect(tallyOf(look)).toEqual(tally);
  });
});
