import { expect, it } from 'vitest';
import { lackOf, PARTS, type Part } from './parts.ts';

const lacks = (viewer: Parameters<typeof lackOf>[1]) =>
  Object.fromEntries(PARTS.map((part): [Part['id'], string] => [part.id, lackOf(part, viewer)]));
const rights = (sites: string[] | null, ...scopes: string[]) => scopes.map((scope) => ({ scope, sites }));
const ALL = ['estate:read', 'estate:write', 'accounts:write', 'audit:read', 'services:read'];

it('gives an admin of everything all parts', () => {
  expect(new Set(Object.values(lacks({ rights: rights(null, ...ALL) })))).toEqual(new Set(['nothing']));
});

it('keeps from an admin of some sites what concerns all of them, also where they may do something else everywhere', () => {
  const wanted = { users: 'nothing', keys: 'nothing', audit: 'nothing', services: 'everywhere', import: 'everywhere' };
  expect(lacks({ rights: rights(['museum/hall-2'], ...ALL) })).toEqual(wanted);
  const [, ...others] = ALL;
  expect(lacks({ rights: [...rights(null, 'estate:read'), ...rights(['museum/hall-2'], ...others)] })).toEqual(wanted);
});

it('leaves those without a right their own keys', () => {
  expect(lacks({ rights: rights(null, 'estate:read') })).toEqual({
    ...{ users: 'scope', keys: 'nothing', audit: 'scope', services: 'scope', import: 'scope' },
  });
});
