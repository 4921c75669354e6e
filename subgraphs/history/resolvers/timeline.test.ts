import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at } from '../testing/estate.ts';
import { startHistory, type TestHistory } from '../testing/history.ts';
import { writeChange } from '../testing/settings.ts';

let history: TestHistory;
beforeAll(async () => {
  history = await startHistory();
  const entry = { deviceId: 'd1', name: 'Foyer', site: 'hall' };
  await history.register([
    { ...entry, version: 1, at: at('2026-11-01T00:00:00'), actor: 'import' },
    { ...entry, version: 2, at: at('2026-11-02T00:00:00'), name: 'Lobby', actor: 'ann' },
    // Told anew, since its site's time zone changed.
    { ...entry, version: 2, at: at('2026-11-03T00:00:00'), name: 'Lobby', actor: 'bob' },
    { ...entry, version: 3, at: at('2026-11-04T00:00:00'), name: 'Entrance', site: 'gate', actor: 'bob' },
    { ...entry, version: 4, at: at('2026-11-05T00:00:00'), name: 'Entrance', site: 'gate', actor: 'bob' },
    {
      ...entry,
      version: 5,
      at: at('2026-11-09T00:00:00'),
      name: 'Entrance',
      site: 'gate',
      removed: true,
      actor: 'ann',
    },
    { deviceId: 'd2', version: 1, at: at('2026-11-01T00:00:00'), site: 'hall' },
  ]);
  await history.change([
    { deviceId: 'd1', at: at('2026-11-01T00:01:00'), from: 'UNKNOWN', to: 'ONLINE' },
    {
      deviceId: 'd1',
      at: at('2026-11-04T00:00:00'),
      from: 'ONLINE',
      to: 'OFFLINE',
      reason: 'no answer, 3 looks in a row',
    },
    { deviceId: 'd1', at: at('2026-11-04T00:00:00'), from: 'OFFLINE', to: 'ONLINE' },
  ]);
  const change = { subject: 'd1', actor: 'cleo', requestedAt: at('2026-11-03T23:59:00') };
  await writeChange(history.db, {
    ...{ ...change, id: 'c1', settingsVersion: 1, state: 'APPLIED', finishedAt: at('2026-11-04T00:00:00') },
    ...{ wanted: { brightnessPercent: 40, power: 'OFF' }, before: { brightnessPercent: 70 }, reason: 'night' },
  });
  await writeChange(history.db, {
    ...{ ...change, id: 'c2', settingsVersion: 2, state: 'UNREACHABLE', finishedAt: at('2026-11-06T00:00:00') },
    ...{ wanted: { hoursOfOperation: Array(40).fill({ weekday: 'MONDAY' }) } },
  });
  await writeChange(history.db, { ...change, id: 'c3', settingsVersion: 3 });
});
afterAll(() => history.close());

type Event = { at: string; kind: string; actor: string | null; what: string; reason: string | null };
const PAGE = `changes(from: $from, to: $to, newestFirst: $newestFirst, first: $first, after: $after) {
  nodes { at kind actor what reason status settingsChange { id state device { id } } }
  edges { cursor node { what } } pageInfo { hasNextPage endCursor }
}`;
type Question = { from?: string; to?: string; newestFirst?: boolean; first?: number | null; after?: string | null };
const ask = (
  ids: readonly string[],
  { from = '2026-11-01T00:00:00Z', to = '2026-12-01T00:00:00Z', newestFirst, first, after }: Question,
) =>
  history.devices(ids, PAGE, {
    ...{ from: ['DateTime!', from] as const, to: ['DateTime!', to] as const },
    newestFirst: ['Boolean', newestFirst ?? null] as const,
    ...{ first: ['Int', first ?? null] as const, after: ['String', after ?? null] as const },
  });
const page = async (question: Question = {}) => {
  const { data, errors } = await ask(['d1'], question);
  expect(errors).toBeUndefined();
  return data._entities[0].changes;
};

describe('what happened to a device', () => {
  it('is told oldest first, with who did it and why', async () => {
    const { nodes } = await page();
    expect(
      nodes.map(({ at: time, kind, actor, what, reason }: Event) => [time.slice(8, 16), kind, actor, what, reason]),
    ).toEqual([
      ['01T00:00', 'REGISTRY', 'import', 'added', null],
      ['01T00:01', 'STATUS', null, 'UNKNOWN → ONLINE', null],
      ['02T00:00', 'REGISTRY', 'ann', 'renamed Foyer to Lobby', null],
      ['04T00:00', 'REGISTRY', 'bob', 'renamed Lobby to Entrance, moved from hall to gate', null],
      ['04T00:00', 'SETTINGS', 'cleo', 'brightnessPercent 70 → 40, power → OFF: APPLIED', 'night'],
      ['04T00:00', 'STATUS', null, 'ONLINE → OFFLINE', 'no answer, 3 looks in a row'],
      ['04T00:00', 'STATUS', null, 'OFFLINE → ONLINE', null],
      ['05T00:00', 'REGISTRY', 'bob', 'its entry was changed', null],
      [
        '06T00:00',
        'SETTINGS',
        'cleo',
        expect.stringMatching(/^hoursOfOperation → \[\{"weekday":"MONDAY"\},.{1,80}…: UNREACHABLE$/),
        null,
      ],
      ['09T00:00', 'REGISTRY', 'ann', 'removed', null],
    ]);
    expect(nodes[4].settingsChange).toEqual({ id: 'c1', state: 'APPLIED', device: { id: 'd1' } });
    expect(nodes[5].settingsChange).toBeNull();
    expect(nodes.map(({ status }: { status: string | null }) => status)).toEqual([
      ...[null, 'ONLINE', null, null, null, 'OFFLINE', 'ONLINE', null, null, null],
    ]);
  });

  it.each([
    [1, false],
    [2, false],
    [3, false],
    [7, false],
    [1, true],
    [2, true],
    [3, true],
  ])(
    'comes in pages of %d that leave nothing out, also within one instant (newest first: %s)',
    async (first, newestFirst) => {
      const oldestFirst = (await page()).nodes;
      const all = newestFirst ? oldestFirst.toReversed() : oldestFirst;
      const seen: string[] = [];
      let after: string | null = null;
      for (let hasNextPage = true; hasNextPage; ) {
        const { nodes, pageInfo } = await page({ newestFirst, first, after });
        seen.push(...nodes.map(({ what }: Event) => what));
        ({ endCursor: after, hasNextPage } = pageInfo);
      }
      expect(seen).toEqual(all.map(({ what }: Event) => what));
    },
  );

  it('goes on behind each cursor', async () => {
    const { edges } = await page();
    for (const [index, { cursor }] of edges.entries()) {
      const { edges: rest } = await page({ after: cursor });
      expect(rest).toEqual(edges.slice(index + 1));
    }
  });

  it('begins at `from` and ends before `to`', async () => {
    const { nodes } = await page({ from: '2026-11-02T00:00:00Z', to: '2026-11-04T00:00:00Z' });
    expect(nodes.map(({ what }: Event) => what)).toEqual(['renamed Foyer to Lobby']);
  });

  it.each<[what: string, question: Question, code: string, field: string]>([
    ['from that is to', { from: '2026-12-01T00:00:00Z' }, 'BAD_USER_INPUT', 'from'],
    ['a page of none', { first: 0 }, 'BAD_USER_INPUT', 'first'],
    ['a cursor that is none', { after: 'nonsense' }, 'CURSOR_INVALID', 'after'],
    ['a cursor of another list', { after: Buffer.from('["1","c1"]').toString('base64url') }, 'CURSOR_INVALID', 'after'],
    [
      'a cursor of no kind',
      { after: Buffer.from('["1","OTHER","1"]').toString('base64url') },
      'CURSOR_INVALID',
      'after',
    ],
    [
      'a cursor of no time',
      { after: Buffer.from('["999999999999999","STATUS","1"]').toString('base64url') },
      'CURSOR_INVALID',
      'after',
    ],
  ])('is refused with %s', async (_what, question, code, field) => {
    const { data, errors } = await ask(['d1'], question);
    expect(data._entities[0].changes).toBeNull();
    expect(errors).toMatchObject([{ extensions: { code, field } }]);
  });

  it('takes a position beyond all others for the end', async () => {
    const after = Buffer.from(`["${at('2026-11-04T00:00:00').getTime()}","SETTINGS","999999999999999"]`).toString(
      'base64url',
    );
    expect((await page({ after })).nodes[0].what).toBe('ONLINE → OFFLINE');
  });

  it('is refused for more of many devices than 100,000 together', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `d${index}`);
    const { data, errors } = await history.devices(ids, 'changes(from: $from, to: $to, first: 501) { nodes { at } }', {
      from: ['DateTime!', '2026-11-01T00:00:00Z'],
      to: ['DateTime!', '2026-12-01T00:00:00Z'],
    });
    expect(data._entities[0].changes).toBeNull();
    expect(errors?.[0]).toMatchObject({
      message: '200 devices with 501 each are more than 100000 at once: ask for fewer devices, or with a smaller first',
      extensions: { code: 'BAD_USER_INPUT', field: 'first' },
    });
  });

  it('costs three statements for a hundred devices', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `d${index}`);
    const costs: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const before = await history.statements();
      const { data } = await ask(ids, { first: 3 });
      costs.push((await history.statements()) - before);
      expect(data._entities[1].changes.nodes).toHaveLength(3);
    }
    expect(Math.min(...costs)).toBe(3);
  });
});
