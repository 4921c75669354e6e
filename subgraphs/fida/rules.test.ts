import { findingShape } from '@wheelhouse/contracts/observations.ts';
import { describe, expect, it } from 'vitest';
import { explainSilence, findingOf, targetOf } from './rules.ts';
import type { Look } from './snmp.ts';
import { anAnswer } from './testing/looks.ts';

const silent: Look = { kind: 'silent', detail: 'no answer within 2000 ms' };
const couldNotLook = (text: string): Look => ({ kind: 'couldNotLook', cause: { code: 'NO_PROFILE', text } });

describe('a target', () => {
  it('is the connection with its secrets', () => {
    expect(targetOf({ host: 'h', port: 161, version: 'V2C', profile: 'lg-commercial' }, { community: 'c' })).toEqual({
      host: 'h',
      port: 161,
      version: 'V2C',
      profile: 'lg-commercial',
      community: 'c',
    });
  });

  it('may be one that speaks V1', () => {
    const sign = { host: 'h', port: 161, version: 'V1', profile: 'ntcip-1203' };
    expect(targetOf(sign, { community: 'c' })).toEqual({ ...sign, community: 'c' });
  });

  it('leaves out fields that it does not know', () => {
    expect(targetOf({ host: 'h', port: 161, version: 'V3', user: 'u', contextName: 'x' }, {})).not.toHaveProperty(
      'contextName',
    );
  });

  it.each([
    ['no host', { port: 161, version: 'V2C' }],
    ['another version', { host: 'h', port: 161, version: 'V4' }],
    ['a port in words', { host: 'h', port: 'snmp', version: 'V2C' }],
  ])('is none with %s', (_name, connection) => {
    expect(() => targetOf(connection, { community: 'hush' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hush') }),
    );
  });
});

describe('what the status engine is told', () => {
  it.each<[string, Look, unknown]>([
    ['an answer', anAnswer(), { kind: 'ANSWERED', problems: [] }],
    ['an answer with trouble', anAnswer({ problems: ['hot'] }), { kind: 'ANSWERED', problems: ['hot'] }],
    ['silence', silent, { kind: 'SILENT', detail: 'no answer within 2000 ms' }],
    [
      'a look that could not be taken',
      couldNotLook('none fits'),
      { kind: 'COULD_NOT_LOOK', detail: 'NO_PROFILE: none fits' },
    ],
  ])('of %s is that, and nothing else', (_name, look, finding) => {
    expect(findingOf(look)).toEqual(finding);
    expect(findingShape.parse(findingOf(look))).toEqual(finding);
  });
});

describe('silence', () => {
  it('over V1 and V2C may be a wrong community, and says so; nothing else changes', () => {
    for (const version of ['V1', 'V2C'] as const) {
      expect(explainSilence(silent, version)).toEqual({
        kind: 'silent',
        detail: expect.stringMatching(/^no answer within 2000 ms .*wrong community/),
      });
    }
    for (const look of [anAnswer(), couldNotLook('x')]) expect(explainSilence(look, 'V2C')).toBe(look);
    expect(explainSilence(silent, 'V3')).toBe(silent);
  });
});
