import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, hoursBetween } from '../testing/estate.ts';
import { startHistory, type TestHistory } from '../testing/history.ts';

const DAYS = `query ($first: Int, $after: String) {
  archivedDays(first: $first, after: $after) {
    nodes { day sealedAt samples notSealedBecause byService { service samples missingHours } }
    pageInfo { hasNextPage endCursor }
  }
}`;
const SEAL = `mutation ($day: Date!, $reason: String!) {
  sealArchivedDay(input: { day: $day, reason: $reason }) {
    day { day sealedAt notSealedBecause } userErrors { field code message }
  }
}`;

let history: TestHistory;

/** Samples of two devices; on the 18th fida took none, and after noon of the 20th it took no more. */
beforeAll(async () => {
  history = await startHistory();
  await history.declare('fida', ['two', 'one']);
  const hours = [
    ...hoursBetween(at('2026-11-17T06:00'), at('2026-11-18T00:00')),
    ...hoursBetween(at('2026-11-19T00:00'), at('2026-11-20T13:00')),
  ];
  await history.run('fida', hours);
  for (const hour of hours)
    await history.append(
      'fida',
      ['a', 'b'].map((subject) => ({ subject, hour, metrics: { one: 1 } })),
    );
  await history.gather(at('2026-11-21T01:00'));
});
afterAll(() => history.close());

const seal = async (day: string, reason = 'fida was being moved') => {
  const { data, errors } = await history.query(SEAL, { day, reason });
  return { ...data?.sealArchivedDay, errors };
};

describe('archivedDays', () => {
  it('are newest first, each with what its services have and why it is open', async () => {
    const { data } = await history.query(DAYS);
    expect(data.archivedDays.nodes).toEqual([
      {
        ...{ day: '2026-11-20', sealedAt: null, samples: 26 },
        byService: [{ service: 'fida', samples: 26, missingHours: [13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23] }],
        notSealedBecause: ['fida has taken no sample since 12:00 UTC'],
      },
      {
        ...{ day: '2026-11-19', sealedAt: '2026-11-21T01:00:00.000Z', samples: 48, notSealedBecause: [] },
        byService: [{ service: 'fida', samples: 48, missingHours: [] }],
      },
      {
        ...{ day: '2026-11-18', sealedAt: null, samples: 0, notSealedBecause: ['fida took no samples on 2026-11-18'] },
        byService: [{ service: 'fida', samples: 0, missingHours: Array.from({ length: 24 }, (_, hour) => hour) }],
      },
      {
        ...{ day: '2026-11-17', sealedAt: '2026-11-21T01:00:00.000Z', samples: 36, notSealedBecause: [] },
        byService: [{ service: 'fida', samples: 36, missingHours: [0, 1, 2, 3, 4, 5] }],
      },
    ]);
  });

  it('come in pages', async () => {
    const first = (await history.query(DAYS, { first: 3 })).data.archivedDays;
    expect([first.nodes.length, first.pageInfo.hasNextPage]).toEqual([3, true]);
    const second = (await history.query(DAYS, { first: 3, after: first.pageInfo.endCursor })).data.archivedDays;
    expect(second.nodes.map(({ day }: { day: string }) => day)).toEqual(['2026-11-17']);
    expect(second.pageInfo.hasNextPage).toBe(false);
  });

  it.each([
    [{ first: 0 }, 'BAD_USER_INPUT', 'first'],
    [{ first: 1001 }, 'BAD_USER_INPUT', 'first'],
    [{ after: 'x' }, 'CURSOR_INVALID', 'after'],
    [{ after: Buffer.from('["2026-13-01"]').toString('base64url') }, 'CURSOR_INVALID', 'after'],
    [{ after: Buffer.from('["0000-01-01"]').toString('base64url') }, 'CURSOR_INVALID', 'after'],
    [{ after: Buffer.from('["2026-02-30"]').toString('base64url') }, 'CURSOR_INVALID', 'after'],
  ])('of %j are refused as %s of %s', async (variables, code, field) => {
    const { data, errors } = await history.query(DAYS, variables);
    expect(data).toEqual({ archivedDays: null });
    expect(errors?.[0]?.extensions).toMatchObject({ code, field });
  });
});

it('metrics are told by name, with their units and services', async () => {
  const { data } = await history.query('{ metrics { name unit service } }');
  expect(data.metrics).toEqual([
    { name: 'one', unit: '%', service: 'fida' },
    { name: 'two', unit: '%', service: 'fida' },
  ]);
});

describe('sealArchivedDay', () => {
  it('seals a day on which a service took no samples, and keeps who did it and why', async () => {
    expect(await seal('2026-11-18')).toMatchObject({
      day: { day: '2026-11-18', sealedAt: expect.any(String), notSealedBecause: [] },
      userErrors: [],
    });
    const [row] = await history.sql`select sealed_by, seal_reason from history.archived_days where day = '2026-11-18'`;
    expect(row).toEqual({ sealed_by: 'admin@wheelhouse.local', seal_reason: 'fida was being moved' });
    const audited = await history.sql`select actor, sub, action, target, after, reason from history.audit_outbox`;
    expect(audited).toEqual([
      {
        ...{ actor: 'admin@wheelhouse.local', sub: expect.stringMatching(/^user:/), action: 'history.sealArchivedDay' },
        ...{ target: '2026-11-18', after: { without: ['fida took no samples on 2026-11-18'] } },
        reason: 'fida was being moved',
      },
    ]);
  });

  it('seals the last day of a service that is gone', async () => {
    expect(await seal('2026-11-20')).toMatchObject({ day: { day: '2026-11-20' }, userErrors: [] });
  });

  it.each([
    ['2026-11-19', 'why', 'input.day', 'CONFLICT', '2026-11-19 is sealed already'],
    ['2026-11-01', 'why', 'input.day', 'NOT_FOUND', 'no service took samples before or on that day'],
    ['2999-01-01', 'why', 'input.day', 'INVALID', '2999-01-01 is not over'],
    ['0000-01-01', 'why', 'input.day', 'INVALID', 'in the years 1970 to 2999'],
    ['2026-11-18', '  ', 'input.reason', 'INVALID', '1 to 500 characters'],
    ['2026-11-18', 'x'.repeat(501), 'input.reason', 'INVALID', 'this one has 501'],
    ['2026-11-18', 'a\0b', 'input.reason', 'INVALID', 'none of them U+0000'],
  ])('refuses %s for the reason %j', async (day, reason, field, code, message) => {
    expect(await seal(day, reason)).toMatchObject({
      day: null,
      userErrors: [{ field, code, message: expect.stringContaining(message) }],
    });
  });

  it('takes a day of the calendar only', async () => {
    expect((await seal('2026-02-30')).errors?.[0]?.message).toContain('a day of the calendar');
  });

  it('waits for samples that are not gathered yet, and is kept when they come', async () => {
    await history.append('fida', [{ subject: 'c', hour: at('2026-11-20T13:00'), metrics: { one: 1 } }]);
    await history.sql`update history.archived_days set sealed_at = null where day = '2026-11-20'`;
    expect((await seal('2026-11-20')).userErrors).toMatchObject([
      { code: 'CONFLICT', message: expect.stringContaining('samples of fida are not gathered yet') },
    ]);
    expect((await history.gather(at('2026-11-22T01:00'))).sealed).toEqual(['2026-11-20']);
  });
});
