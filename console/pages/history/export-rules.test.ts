import { describe, expect, it } from 'vitest';
import { countIn, devicesDone, exportPath, fileNameIn, isTooLong, NOTHING_COUNTED, sizeText } from './export-rules.ts';

const asked = {
  ...({ kind: 'availability', step: 'WEEK', format: 'csv' } as const),
  ...{ from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-11-26T00:00:00Z') },
};

it('the address of an export has its range, and what narrows it', () => {
  const range = 'from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-26T00%3A00%3A00.000Z';
  const path = `/export/history?kind=availability&step=WEEK&format=csv&${range}`;
  expect(exportPath({ ...asked, site: null, system: null })).toBe(path);
  expect(exportPath({ ...asked, site: 'a & b', system: 'FIDA' })).toBe(`${path}&site=a+%26+b&system=FIDA`);
});

it('an export reaches over 400 days', () => {
  const to = asked.to.getTime();
  expect(isTooLong({ from: new Date(to - 400 * 86_400_000), to: asked.to })).toBe(false);
  expect(isTooLong({ from: new Date(to - 400 * 86_400_000 - 1), to: asked.to })).toBe(true);
});

it.each([
  ['attachment; filename="samples.csv"', 'samples.csv'],
  ['attachment; filename="../../etc/passwd"', 'else'],
  ['attachment', 'else'],
  [null, 'else'],
])('the name in %j is %s', (disposition, name) => expect(fileNameIn(disposition, 'else')).toBe(name));

describe('what has come', () => {
  it('is counted over the cuts between pieces', () => {
    const text = 'device_id,at\na,1\na,2\nb,1\n';
    let counted = NOTHING_COUNTED;
    for (const piece of [text.slice(0, 4), text.slice(4, 15), text.slice(15)]) counted = countIn(counted, piece);
    expect(counted).toEqual({ rows: 4, devices: 3, rest: '', last: 'b' });
    expect(devicesDone(counted, 'csv')).toBe(1);
  });
  it('has no head where each row is an object', () => {
    const counted = countIn(NOTHING_COUNTED, '{"device_id":"a","at":1}\n{"device_id":"b","at":1}\n');
    expect([counted.devices, devicesDone(counted, 'ndjson'), devicesDone(NOTHING_COUNTED, 'csv')]).toEqual([2, 1, 0]);
  });
});

it.each([
  [999, '999 B'],
  [1_234, '1.2 kB'],
  [45_600, '46 kB'],
  [1_234_567_890, '1,235 MB'],
])('%d bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
