import { expect, it } from 'vitest';
import {
  canGive,
  grantsOf,
  grantsOfKey,
  isChief,
  isManageable,
  outgrown,
  type RoleGrant,
  rightsOf,
  rolesOf,
  scopesOf,
  sitesOf,
} from './grants.ts';

const at = (role: RoleGrant['role'], site: string | null = null): RoleGrant => ({ role, site });
const operator = grantsOf([at('OPERATOR', 'a'), at('VIEWER', 'b')]);

it('tells roles and scopes once, and the sites that all of them are limited to', () => {
  const grants = [at('VIEWER', 'b'), at('OPERATOR', 'a'), at('VIEWER', 'a')];
  expect(rolesOf(grants)).toEqual(['VIEWER', 'OPERATOR']);
  expect(scopesOf(grantsOf(grants))).toEqual(['estate:read', 'history:read', 'settings:write']);
  expect(sitesOf(grants)).toEqual(['a', 'b']);
  expect(sitesOf([...grants, at('VIEWER')])).toBeNull();
  expect(sitesOf([])).toEqual([]);
});

it('tells where each scope holds, without what lies below another place of it', () => {
  const given = grantsOf([at('OPERATOR', 'a/x'), at('VIEWER', 'a'), at('VIEWER', 'b'), at('VIEWER', 'ab')]);
  expect(rightsOf(given)).toEqual([
    { scope: 'estate:read', sites: ['a', 'ab', 'b'] },
    { scope: 'history:read', sites: ['a/x'] },
    { scope: 'settings:write', sites: ['a/x'] },
  ]);
  expect(rightsOf(grantsOf([at('VIEWER'), at('ANALYST', 'a')]))).toEqual([
    { scope: 'estate:read', sites: null },
    { scope: 'history:read', sites: ['a'] },
  ]);
  expect(rightsOf([])).toEqual([]);
});

it('lets give what one manages, as long as one may sign in', () => {
  const giver = { disabledAt: null, grants: [at('ADMIN', 'a')] };
  expect(canGive(giver, [at('VIEWER', 'a/x')])).toBe(true);
  expect(canGive(giver, [at('VIEWER', 'b')])).toBe(false);
  expect(canGive({ ...giver, disabledAt: new Date(0) }, [at('VIEWER', 'a/x')])).toBe(false);
  expect(canGive({ ...giver, grants: [at('OPERATOR', 'a')] }, [at('VIEWER', 'a/x')])).toBe(false);
  expect(canGive(null, [])).toBe(false);
});

it.each([
  [
    'is what it asks for, where its maker may',
    ['estate:read'],
    ['a/x'],
    operator,
    [{ site: 'a/x', scopes: ['estate:read'] }],
  ],
  ['ends where its maker may no more', ['settings:write'], ['b'], operator, []],
  [
    'is cut down to what its maker has below its sites',
    ['estate:read'],
    ['a'],
    grantsOf([at('VIEWER', 'a/x')]),
    [{ site: 'a/x', scopes: ['estate:read'] }],
  ],
  [
    'without sites is wherever its maker may, for each scope',
    ['estate:read', 'settings:write'],
    null,
    operator,
    [
      { site: 'a', scopes: ['estate:read', 'settings:write'] },
      { site: 'b', scopes: ['estate:read'] },
    ],
  ],
  [
    'without sites is everywhere, of one who may everywhere',
    ['audit:read'],
    null,
    grantsOf([at('ADMIN')]),
    [{ site: null, scopes: ['audit:read'] }],
  ],
  ['is nothing, of one who may nothing', ['estate:read'], null, [], []],
] as const)('what a key may do %s', (_what, scopes, sites, maker, wanted) => {
  expect(grantsOfKey({ scopes, sites }, maker)).toEqual(wanted);
});

it('finds what a key would have beyond its maker', () => {
  expect(outgrown({ scopes: ['estate:read'], sites: ['a/x', 'b'] }, operator)).toBeNull();
  expect(outgrown({ scopes: ['estate:read', 'settings:write'], sites: ['a', 'b'] }, operator)).toEqual({
    scope: 'settings:write',
    site: 'b',
  });
  expect(outgrown({ scopes: ['audit:read'], sites: null }, operator)).toEqual({ scope: 'audit:read', site: null });
  expect(outgrown({ scopes: ['estate:read'], sites: ['ab'] }, operator)).toEqual({ scope: 'estate:read', site: 'ab' });
});

it('lets those who manage a site manage whoever may do nothing outside it', () => {
  expect(isManageable(['a'], [at('ADMIN', 'a/x')])).toBe(true);
  expect(isManageable(['a'], [at('VIEWER', 'a'), at('VIEWER', 'b')])).toBe(false);
  expect(isManageable(['a'], [at('VIEWER')])).toBe(false);
  expect(isManageable(['a'], [])).toBe(false);
  expect(isManageable('everywhere', [])).toBe(true);
});

it('takes only an admin everywhere for one who can manage everything', () => {
  expect(isChief([at('ADMIN')])).toBe(true);
  expect(isChief([at('ADMIN', 'a'), at('VIEWER')])).toBe(false);
});
