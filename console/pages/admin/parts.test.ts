import { expect, it } from 'vitest';
import { lackOf, PARTS, type Part } from './parts.ts';

const lacks = (viewer: Parameters<typeof lackOf>[1]) =>
  Object.fromEntries(PARTS.map((part): [Part['id'], string] => [part.id, lackOf(part, viewer)]));
const scopes = ['estate:read', 'estate:write', 'accounts:write', 'audit:read', 'services:read'];

it('gives an admin of everything all parts', () => {
  expect(new Set(Object.values(lacks({ scopes, sites: null })))).toEqual(new Set(['nothing']));
});

it('keeps from an admin of some sites what concerns all of them', () => {
  expect(lacks({ scopes, sites: ['museum/hall-2'] })).toEqual({
    ...{ users: 'nothing', keys: 'nothing', audit: 'nothing', services: 'everywhere', import: 'everywhere' },
  });
});

it('leaves those without a right their own keys', () => {
  expect(lacks({ scopes: ['estate:read'], sites: null })).toEqual({
    ...{ users: 'scope', keys: 'nothing', audit: 'scope', services: 'scope', import: 'scope' },
  });
});
