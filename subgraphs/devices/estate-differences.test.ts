import { describe, expect, it } from 'vitest';
import { type Difference, matching } from './estate-differences.ts';

const difference = (kind: Difference['kind'], site: string, name: string | null): Difference => ({
  ...{ kind, site, name, externalId: name === null ? null : `x-${name}`, deviceId: null, fields: [], path: [] },
});
const ALL = [
  difference('SITE_CHANGED', 'museum', null),
  difference('DEVICE_ADDED', 'museum/hall-1', 'Lamp'),
  difference('DEVICE_CHANGED', 'museum/hall-2', 'Wall'),
];

describe('differences', () => {
  it.each([
    ['of all kinds', null, null, [0, 1, 2]],
    ['of some kinds', ['DEVICE_CHANGED', 'SITE_CHANGED'], null, [0, 2]],
    ['of no kind', [], null, []],
    ['with a text in their name', null, 'LAMP', [1]],
    ['with a text in their external id', null, 'x-w', [2]],
    ['with a text in their site', null, 'hall', [1, 2]],
    ['of a kind and with a text', ['DEVICE_ADDED'], 'museum', [1]],
  ] as const)('%s are told with their places among all', (_what, kinds, search, places) => {
    expect(matching(ALL, { kinds, search }).map(({ at }) => at)).toEqual(places);
  });
});
