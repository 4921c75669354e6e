import { describe, expect, it } from 'vitest';
import { createReseal, createSealer } from './sealed.ts';

const sealer = createSealer('00'.repeat(32));
const secret = { community: 'open-sesame' };

describe('a sealed secret', () => {
  it('opens for its owner, and shows nothing of itself before', () => {
    const sealed = sealer.seal(secret, 'one');
    expect(sealer.open(sealed, 'one')).toEqual(secret);
    expect(Buffer.from(sealed.split('.').at(-1) ?? '', 'base64url').toString()).not.toContain('sesame');
  });

  it('looks different each time it is sealed', () => {
    expect(sealer.seal(secret, 'one')).not.toBe(sealer.seal(secret, 'one'));
  });

  it('does not open for another owner or with another key, and the error names only the owner', () => {
    const sealed = sealer.seal(secret, 'one');
    const expected = /^The secret of (one|two) does not open with this WHEELHOUSE_SECRET_KEY$/;
    expect(() => sealer.open(sealed, 'two')).toThrow(expected);
    expect(() => createSealer('01'.repeat(32)).open(sealed, 'one')).toThrow(expected);
  });

  it.each([
    ['a changed octet', ([version, nonce, tag]: string[]) => [version, nonce, tag, 'AAAA']],
    ['a shortened tag', ([version, nonce, tag, text]: string[]) => [version, nonce, tag?.slice(0, 6), text]],
    ['no tag', ([version, nonce, , text]: string[]) => [version, nonce, '', text]],
  ])('does not open with %s', (_name, alter) => {
    const altered = alter(sealer.seal(secret, 'one').split('.')).join('.');
    expect(() => sealer.open(altered, 'one')).toThrow('does not open');
  });

  it.each(['', 'v1', 'v1.a.b', 'v2.a.b.c', 'hello', 'v1.a.b.c.d'])('says that %j is in no form it knows', (text) => {
    expect(() => sealer.open(text, 'one')).toThrow('not in a form that this version knows');
  });
});

describe('a sealer with the previous key', () => {
  const [before, after] = ['00', '01'].map((octet) => octet.repeat(32)) as [string, string];
  const during = createSealer(after, before);

  it('opens what either key sealed, and seals with the new one', () => {
    expect(during.open(createSealer(before).seal(secret, 'one'), 'one')).toEqual(secret);
    expect(createSealer(after).open(during.seal(secret, 'one'), 'one')).toEqual(secret);
  });

  it('opens nothing that a third key sealed, or that was sealed for somebody else', () => {
    expect(() => during.open(createSealer('02'.repeat(32)).seal(secret, 'one'), 'one')).toThrow('does not open');
    expect(() => during.open(createSealer(before).seal(secret, 'one'), 'two')).toThrow('does not open');
  });

  it('has its counterpart in what seals anew: once, and never what neither key opens', () => {
    const reseal = createReseal({ previous: before, next: after });
    const anew = reseal(createSealer(before).seal(secret, 'one'), 'one');
    expect(createSealer(after).open(anew ?? '', 'one')).toEqual(secret);
    expect(reseal(anew ?? '', 'one')).toBeNull();
    expect(() => reseal(createSealer('02'.repeat(32)).seal(secret, 'one'), 'one')).toThrow('does not open');
  });
});
