import { describe, expect, it } from 'vitest';
import {
  filterOf,
  isNarrowed,
  narrowed,
  readAddress,
  refusedTimes,
  subjectOf,
  WHOLE,
  writeAddress,
} from './audit-rules.ts';
import { jsonChanges } from './json-diff.ts';

const read = (text: string) => readAddress(new URLSearchParams(text));

describe('the address of the audit log', () => {
  const all =
    'actor=ann&action=devices&target=7&site=museum&refused=1&from=2026-11-01T00:00:00Z&to=2026-11-02&after=abc';

  it('says what narrows it', () => {
    expect(filterOf(read(all))).toEqual({
      ...{ actor: 'ann', action: 'devices', target: '7', site: 'museum', refused: true },
      ...{ from: '2026-11-01T00:00:00.000Z', to: '2026-11-02T00:00:00.000Z' },
    });
    expect([filterOf(read('')), filterOf(read('refused=yes')), filterOf({ ...WHOLE, after: 'abc' })]).toEqual([
      {},
      {},
      {},
    ]);
  });

  it('comes back from what it says, and keeps what is not its own', () => {
    expect(readAddress(writeAddress(read(all), new URLSearchParams()))).toEqual(read(all));
    expect(writeAddress(read(''), new URLSearchParams('actor=bob&tab=two')).toString()).toBe('tab=two');
  });

  it('counts as not said what is no time', () => {
    expect(read('from=yesterday&to=13:00')).toMatchObject({ from: null, to: null });
  });

  it('leads to the first page when it is narrowed otherwise', () => {
    expect(narrowed(read(all), { actor: 'bob' })).toEqual({ ...read(all), actor: 'bob', after: null });
  });

  it('tells a page of the whole log from a narrowed one', () => {
    expect([isNarrowed(read('after=abc')), isNarrowed(read('site=museum'))]).toEqual([false, true]);
  });
});

it.each([
  ['devices.updateDevice', { count: 3 }, 0],
  ['router.removeDevice.refused', { code: 'FORBIDDEN', count: 240 }, 240],
  ['accounts.login.refused', { why: 'WRONG' }, 1],
  ['accounts.login.refused', null, 1],
  ['accounts.login.refused', { count: 'many' }, 1],
])('%s with %j was refused %d times', (action, after, times) => {
  expect(refusedTimes({ action, after })).toBe(times);
});

it.each([
  ['what it is now', { name: 'Old' }, { name: 'New', site: 'museum' }, 'New'],
  ['what it was', { email: 'ann@example.org' }, null, 'ann@example.org'],
  ['its id', { name: 7 }, ['name'], '17'],
])('something is called by %s', (_what, before, after, wanted) => {
  expect(subjectOf({ target: '17', before, after })).toBe(wanted);
});

describe('two values', () => {
  it('differ leaf by leaf', () => {
    const before = { name: 'Ann', grants: ['a', 'b'], site: 'museum', snmp: { port: 161 } };
    const after = { name: 'Anna', grants: ['a'], site: 'museum', snmp: { port: 161, version: 2 } };
    expect(jsonChanges(before, after)).toEqual([
      { path: 'name', kind: 'CHANGED', before: 'Ann', after: 'Anna' },
      { path: 'grants.0', kind: 'SAME', before: 'a', after: 'a' },
      { path: 'grants.1', kind: 'REMOVED', before: 'b', after: null },
      { path: 'site', kind: 'SAME', before: 'museum', after: 'museum' },
      { path: 'snmp.port', kind: 'SAME', before: '161', after: '161' },
      { path: 'snmp.version', kind: 'ADDED', before: null, after: '2' },
    ]);
  });

  it('of which one is not there are all added, or all removed', () => {
    expect(jsonChanges(null, { a: 1 })).toEqual([{ path: 'a', kind: 'ADDED', before: null, after: '1' }]);
    expect(jsonChanges('x', null)).toEqual([{ path: '', kind: 'REMOVED', before: 'x', after: null }]);
    expect(jsonChanges(null, null)).toEqual([]);
  });

  it('that are empty have a place of their own', () => {
    expect(jsonChanges({ tags: [] }, { tags: ['x'] })).toEqual([
      { path: 'tags', kind: 'REMOVED', before: '[]', after: null },
      { path: 'tags.0', kind: 'ADDED', before: null, after: 'x' },
    ]);
  });
});
