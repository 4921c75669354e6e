import { expect, it } from 'vitest';
import { rightsByPlace } from './right-rules.ts';

it('puts together what holds at the same places, and what holds everywhere first', () => {
  const hall = ['museum/hall-2'];
  expect(
    rightsByPlace([
      { scope: 'history:read', sites: hall },
      { scope: 'estate:read', sites: null },
      { scope: 'settings:write', sites: [...hall] },
      { scope: 'audit:read', sites: ['museum/foyer', 'museum/hall-2'] },
    ]),
  ).toEqual([
    { sites: null, scopes: ['estate:read'] },
    { sites: hall, scopes: ['history:read', 'settings:write'] },
    { sites: ['museum/foyer', 'museum/hall-2'], scopes: ['audit:read'] },
  ]);
  expect(rightsByPlace([])).toEqual([]);
});
