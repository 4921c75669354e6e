import { expect, it } from 'vitest';
import { rowLink } from './row-link.ts';

it.each([
  [
    'SITE',
    'museum/hall-1',
    '?range=month&sort=-offline',
    '/history?range=month&sort=-offline&by=device&site=museum%2Fhall-1',
  ],
  ['SYSTEM', 'FIDA', '?range=month&site=museum&by=system', '/history?range=month&site=museum&by=device&system=fida'],
  ['DEVICE', 'a/b', '?from=x&to=y&by=device&site=museum', '/devices/a%2Fb?from=x&to=y'],
] as const)('a %s leads from %s at %s to %s', (by, group, search, to) => expect(rowLink(by, group, search)).toBe(to));
