import { describe, expect, it } from 'vitest';
import { normalizeEmail } from './emails.ts';
import { passwordFault } from './passwords.ts';

describe('an e-mail', () => {
  it.each([
    [' Ann@Example.ORG ', 'ann@example.org'],
    ['ａｎｎ@example.org', 'ann@example.org'],
    ['ann@bücher.example', 'ann@xn--bcher-kva.example'],
    ['admin@wheelhouse.local', 'admin@wheelhouse.local'],
    ['o’neil+desk@example.org', 'o’neil+desk@example.org'],
    [`${'a'.repeat(242)}@example.org`, `${'a'.repeat(242)}@example.org`],
    [`${'a'.repeat(243)}@example.org`, null],
    ['ann', null],
    ['ann@', null],
    ['ann@one@two', null],
    ['an n@example.org', null],
    ['ann\0@example.org', null],
    ['ann@exa mple.org', null],
    ['\ud800@example.org', null],
  ])('%j is known as %j', (given, wanted) => {
    expect(normalizeEmail(given)).toBe(wanted);
  });
});

describe('a password', () => {
  it.each([
    ['a good deal of words', null],
    ['12 caractère', null],
    ['eleven char', 'must have at least 12 characters, and has 11'],
    [`${'😀'.repeat(6)}six...`, null],
    [`${'ab'.repeat(64)}`, null],
    [`${'ab'.repeat(64)}c`, 'must have at most 128 characters, and has 129'],
    ['Ann@Example.org', 'must not be the e-mail'],
    ['aaaaaaaaaaaaaaaa', 'must not be one character again and again'],
  ])('%j: %s', (given, wanted) => {
    expect(passwordFault(given, 'ann@example.org')).toBe(wanted);
  });

  it('is not normalized, nor counted, when it is far too long', () => {
    // NFKC makes 18 characters of each.
    expect(passwordFault('\ufdfa'.repeat(513), 'ann@example.org')).toBe('must have at most 128 characters');
  });
});
