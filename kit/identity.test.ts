import { describe, expect, it } from 'vitest';
import { type Asserted, areaOf, createIdentityReader, createIdentitySigner, type Grant, isInArea } from './identity.ts';

const TOKEN = 'a token of all services';
const NOW = new Date('2026-11-25T12:00:00Z');
const ann: Asserted = {
  ...{ sub: 'user:1', sid: 'session:1', name: 'ann@example.org', origin: '127.0.0.1' },
  grants: [{ scopes: ['read'], site: 'a/b' }],
};
const after = (seconds: number) => () => new Date(NOW.getTime() + seconds * 1_000);

describe('where a scope holds', () => {
  const at = (...sites: (string | null)[]): { grants: Grant[] } => ({
    grants: sites.map((site) => ({ scopes: ['read'], site })),
  });
  it.each([
    ['nowhere without a grant', at(), 'read', []],
    ['nowhere for another scope', at(null), 'write', []],
    ['everywhere, whatever else is granted', at('a', null), 'read', 'everywhere'],
    ['at each site', at('b', 'a'), 'read', ['a', 'b']],
    ['at a site, with those below it left out', at('a/b', 'a', 'ab', 'a'), 'read', ['a', 'ab']],
  ])('is %s', (_what, identity, scope, area) => {
    expect(areaOf(identity, scope)).toEqual(area);
  });

  it('reaches what lies below a site, and not what begins like it', () => {
    expect(['a', 'a/b', 'a/b/c', 'ab', 'b'].filter((site) => isInArea(['a'], site))).toEqual(['a', 'a/b', 'a/b/c']);
    expect(isInArea('everywhere', 'b')).toBe(true);
    expect(isInArea([], 'b')).toBe(false);
  });
});

describe('what the router signs', () => {
  const sign = createIdentitySigner(TOKEN, () => NOW);
  const reader = (service: string, now = after(1), token = TOKEN) => createIdentityReader(token, service, now);

  it('is read by the service that it was signed for', async () => {
    expect(await reader('one')(sign(ann, 'one'))).toEqual(expect.objectContaining(ann));
  });

  it('is signed once for many requests, and anew for another caller or service, and after half a minute', () => {
    let now = NOW;
    const signer = createIdentitySigner(TOKEN, () => now);
    const first = signer(ann, 'one');
    expect(signer(ann, 'one')).toBe(first);
    const others = [signer({ ...ann, origin: null }, 'one'), signer(ann, 'two')];
    now = after(31)();
    expect(new Set([first, ...others, signer(ann, 'one')]).size).toBe(4);
  });

  it.each([
    ['another service', reader('two')],
    ['a service with another token', reader('one', after(1), 'a token of some others')],
    ['a service a minute and a half later', reader('one', after(90))],
    ['a service whose clock is a minute behind', reader('one', after(-60))],
  ])('is nothing to %s', async (_who, read) => {
    expect(await read(sign(ann, 'one'))).toBeNull();
  });

  it.each([
    ['no token', ''],
    ['words', 'Bearer x'],
    ['one that says it needs no signature', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyOjEifQ.'],
  ])('can not be replaced by %s', async (_what, token) => {
    expect(await reader('one')(token)).toBeNull();
  });

  it('can not be altered', async () => {
    const [head, , signature] = sign(ann, 'one').split('.');
    const claims = Buffer.from(JSON.stringify({ ...ann, iss: 'wheelhouse-router', aud: 'one', exp: 9e9 }));
    expect(await reader('one')(`${head}.${claims.toString('base64url')}.${signature}`)).toBeNull();
  });

  it('ends for who has read it before, too', async () => {
    let now = after(1)();
    const read = createIdentityReader(TOKEN, 'one', () => now);
    const token = sign(ann, 'one');
    expect(await read(token)).not.toBeNull();
    now = after(90)();
    expect(await read(token)).toBeNull();
  });
});
