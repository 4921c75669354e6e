import { expect, it } from 'vitest';
import { pathText, readPlacedYaml } from './placed-yaml.ts';

it('reads JSON as well, and says where its parts stand', () => {
  const read = readPlacedYaml('{\n  "items": [{ "port": 1 },\n    { "port": 2 }]\n}');
  if ('faults' in read) throw new Error('it is refused');
  expect(read.content).toEqual({ items: [{ port: 1 }, { port: 2 }] });
  expect(read.placeOf(['items', 1, 'port'])).toEqual({ line: 3, column: 15 });
  expect(read.placeOf(['items', 1, 'host'])).toEqual({ line: 3, column: 5 });
});

it.each([
  ['a: 1\na: 2\n', 2],
  ['a: *nobody\n', 1],
  [`a: ${'['.repeat(2_000)}`, 1],
])('says where it can not be read', (text, line) => {
  const read = readPlacedYaml(text);
  expect('faults' in read && read.faults[0]?.line).toBe(line);
});

it('writes a path for people', () => {
  expect(pathText(['items', 3, 'at', 'port'])).toBe('items[3].at.port');
  expect(pathText([])).toBe('');
});
