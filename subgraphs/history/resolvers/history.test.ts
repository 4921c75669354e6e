import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, hoursBetween } from '../testing/estate.ts';
import { startHistory, type TestHistory } from '../testing/history.ts';

const HOUR_MS = 3_600_000;
const FIRST = at('2026-11-10T00:00:00');
const LAST = at('2026-11-13T12:00:00');
const brightness = (hour: Date): number => 10 + (((hour.getTime() - FIRST.getTime()) / HOUR_MS) % 24);

let history: TestHistory;
beforeAll(async () => {
  history = await startHistory();
  await history.declare('fida', ['brightnessPercent', 'temperatureCelsius']);
  await history.register([
    { deviceId: 'd1', version: 1, at: at('2026-11-01T00:00:00'), site: 'museum/hall' },
    { deviceId: 'd2', version: 1, at: at('2026-11-11T06:00:00'), site: 'museum/hall' },
  ]);
  await history.change([
    { deviceId: 'd1', at: at('2026-11-01T00:01:00'), from: 'UNKNOWN', to: 'ONLINE' },
    { deviceId: 'd1', at: at('2026-11-11T10:00:00'), from: 'ONLINE', to: 'OFFLINE' },
    { deviceId: 'd1', at: at('2026-11-11T10:45:00'), from: 'OFFLINE', to: 'DEGRADED' },
    { deviceId: 'd1', at: at('2026-11-11T11:30:00'), from: 'DEGRADED', to: 'UNKNOWN', blind: true },
    { deviceId: 'd1', at: at('2026-11-11T12:00:00'), from: 'UNKNOWN', to: 'ONLINE' },
  ]);
  const sampled = hoursBetween(FIRST, LAST);
  await history.append(
    'fida',
    sampled.map((hour) => ({
      subject: 'd1',
      hour,
      metrics: { brightnessPercent: brightness(hour), ...(hour.getUTCHours() === 5 && { temperatureCelsius: 30.25 }) },
    })),
  );
  for (const service of ['fida', 'devices'] as const) await history.run(service, sampled);
  // The first two days are sealed, the third is gathered in part: the samples that came later are fresh.
  await history.gather(at('2026-11-12T01:00:00'));
});
afterAll(() => history.close());

const POINTS = `history(from: $from, to: $to, step: $step, metrics: $metrics) {
  from to onlineRatio metrics { name unit mean min max last samples }
}`;
type Question = { from: string; to: string; step: string; metrics?: string[] };
const ask = (ids: string[], { from, to, step, metrics }: Question) =>
  history.devices(ids, POINTS, {
    ...{ from: ['DateTime!', from] as const, to: ['DateTime!', to] as const, step: ['HistoryStep!', step] as const },
    metrics: ['[String!]', metrics ?? null],
  });
const pointsOf = async (question: Question, id = 'd1') => {
  const { data, errors } = await ask([id], question);
  expect(errors).toBeUndefined();
  return data._entities[0].history;
};
const iso = (text: string): string => at(text).toISOString();

describe("a device's history", () => {
  it('has a point for each hour, with its samples and how much of it the device was up', async () => {
    const points = await pointsOf({ from: '2026-11-11T10:00:00Z', to: '2026-11-11T14:00:00Z', step: 'HOUR' });
    expect(
      points.map(({ from, to, onlineRatio }: { from: string; to: string; onlineRatio: number }) => [
        from,
        to,
        onlineRatio,
      ]),
    ).toEqual([
      [iso('2026-11-11T10:00:00'), iso('2026-11-11T11:00:00'), 0.25],
      // Half an hour of it nobody looked: that is left out.
      [iso('2026-11-11T11:00:00'), iso('2026-11-11T12:00:00'), 1],
      [iso('2026-11-11T12:00:00'), iso('2026-11-11T13:00:00'), 1],
      [iso('2026-11-11T13:00:00'), iso('2026-11-11T14:00:00'), 1],
    ]);
    expect(points[0].metrics).toEqual([
      { name: 'brightnessPercent', unit: '%', mean: 20, min: 20, max: 20, last: 20, samples: 1 },
    ]);
  });

  it('is one series over what is archived and what is not', async () => {
    const points = await pointsOf({ from: '2026-11-10T00:00:00Z', to: '2026-11-13T12:00:00Z', step: 'HOUR' });
    const expected = hoursBetween(FIRST, LAST).map((hour) => [hour.toISOString(), brightness(hour)]);
    expect(
      points.map(({ from, metrics }: { from: string; metrics: { last: number }[] }) => [from, metrics[0]?.last]),
    ).toEqual(expected);
  });

  it('has whole steps of the calendar: the first is the one that holds `from`', async () => {
    const points = await pointsOf({ from: '2026-11-10T13:30:00Z', to: '2026-11-12T00:00:01Z', step: 'DAY' });
    expect(points).toEqual([
      {
        ...{ from: iso('2026-11-10T00:00:00'), to: iso('2026-11-11T00:00:00'), onlineRatio: 1 },
        metrics: [
          { name: 'brightnessPercent', unit: '%', mean: 21.5, min: 10, max: 33, last: 33, samples: 24 },
          { name: 'temperatureCelsius', unit: '%', mean: 30.25, min: 30.25, max: 30.25, last: 30.25, samples: 1 },
        ],
      },
      expect.objectContaining({ from: iso('2026-11-11T00:00:00'), onlineRatio: 1 - 0.75 / 23.5 }),
      expect.objectContaining({ from: iso('2026-11-12T00:00:00'), to: iso('2026-11-13T00:00:00'), onlineRatio: 1 }),
    ]);
  });

  it.each([
    ['WEEK', '2026-11-11T00:00:00Z', [['2026-11-09T00:00:00', '2026-11-16T00:00:00']]],
    [
      'MONTH',
      '2026-12-31T00:00:00Z',
      [
        ['2026-11-01T00:00:00', '2026-12-01T00:00:00'],
        ['2026-12-01T00:00:00', '2027-01-01T00:00:00'],
      ],
    ],
  ])('has the calendar of UTC: %s', async (step, to, expected) => {
    const points = await pointsOf({ from: '2026-11-10T12:00:00Z', to, step });
    expect(points.map(({ from, to: end }: { from: string; to: string }) => [from, end])).toEqual(
      expected.map(([from = '', end = '']) => [iso(from), iso(end)]),
    );
    expect(points[0].metrics[0]).toMatchObject({ name: 'brightnessPercent', samples: 84 });
  });

  it('says nothing of the time before the device was added, and of the future', async () => {
    const points = await pointsOf({ from: '2026-11-11T05:00:00Z', to: '2026-11-11T07:00:00Z', step: 'HOUR' }, 'd2');
    expect(
      points.map(({ onlineRatio, metrics }: { onlineRatio: number; metrics: [] }) => [onlineRatio, metrics]),
    ).toEqual([
      [null, []],
      [null, []],
    ]);
    const from = new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS);
    const to = new Date(from.getTime() + 2 * HOUR_MS);
    const ahead = await pointsOf({ from: from.toISOString(), to: to.toISOString(), step: 'HOUR' });
    expect(ahead.map(({ onlineRatio }: { onlineRatio: number }) => onlineRatio)).toEqual([null, null]);
  });

  it('is of the metrics that are asked for', async () => {
    const question = { from: '2026-11-11T05:00:00Z', to: '2026-11-11T06:00:00Z', step: 'HOUR' };
    const [point] = await pointsOf({ ...question, metrics: ['temperatureCelsius'] });
    expect(point.metrics.map(({ name }: { name: string }) => name)).toEqual(['temperatureCelsius']);
    const [none] = await pointsOf({ ...question, metrics: [] });
    expect(none.metrics).toEqual([]);
  });
});

describe('a question about the history', () => {
  const day = { from: '2026-11-10T00:00:00Z', to: '2026-11-11T00:00:00Z', step: 'HOUR' };
  it.each<[what: string, question: Question, field: string, message: RegExp]>([
    ['from is to', { ...day, to: day.from }, 'from', /^from must be before to/],
    ['from is after to', { ...day, to: '2026-11-01T00:00:00Z' }, 'from', /2026-11-10.* is not before 2026-11-01/],
    [
      'of 400 days by the hour',
      { ...day, to: '2027-12-15T00:00:00Z' },
      'step',
      /^a range of 400 days is too long for HOUR.*: DAY fits$/,
    ],
    [
      'of 6 years by the day',
      { ...day, from: '2020-11-10T00:00:00Z', step: 'DAY' },
      'step',
      /too long for DAY, which reaches over 5 years: WEEK fits$/,
    ],
    [
      'of 21 years by the month',
      { ...day, from: '2005-11-10T00:00:00Z', step: 'MONTH' },
      'from',
      /too long for MONTH, which reaches over 20 years$/,
    ],
    ['of the year 1', { ...day, from: '0001-01-01T00:00:00Z' }, 'from', /1970 to 2999/],
    [
      'about a metric that nobody samples',
      { ...day, metrics: ['brightnessPercent', 'noise'] },
      'metrics',
      /"noise".*there are brightnessPercent, temperatureCelsius$/,
    ],
  ])('is refused when it is %s', async (_what, question, field, message) => {
    const { data, errors } = await ask(['d1'], question);
    expect(data._entities[0].history).toBeNull();
    expect(errors).toMatchObject([
      { message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT', field } },
    ]);
  });

  it('is refused for more points than 100,000 under several names together', async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `d${index}`);
    const under = (name: string, date: string) =>
      `${name}: history(from: "2026-09-${date}T00:00:00Z", to: "2026-11-09T00:00:00Z", step: HOUR) { from }`;
    const { data, errors } = await history.devices(ids, `${under('one', '09')} ${under('two', '10')}`);
    expect([data._entities[0].one?.length, data._entities[0].two]).toEqual([61 * 24, null]);
    expect(errors?.[0]).toMatchObject({
      message: `40 devices with ${60 * 24} each are, with what the request asks for besides, more than 100000 at once: ask for fewer devices, or with a shorter range or a longer step`,
      extensions: { code: 'BAD_USER_INPUT', field: 'step' },
    });
  });

  it('by weeks and months counts by the days that these are made from', async () => {
    const years = { from: '2006-11-10T00:00:00Z', to: '2026-11-10T00:00:00Z', step: 'MONTH' };
    const ids = Array.from({ length: 14 }, (_, index) => `d${index}`);
    expect((await ask(ids, years)).errors?.[0]?.message).toContain('14 devices with 7335 each are more than 100000');
    expect((await ask(ids.slice(1), years)).errors).toBeUndefined();
  });

  it('is refused for more points than 100,000 together', async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `d${index}`);
    const { data, errors } = await ask(ids, { ...day, to: '2026-11-14T05:00:00Z' });
    expect(data._entities[0].history).toBeNull();
    const message =
      '1000 devices with 101 each are more than 100000 at once: ask for fewer devices, or with a shorter range or a longer step';
    expect(errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT', field: 'step' } });
    expect((await ask(ids, { ...day, to: '2026-11-14T04:00:00Z', metrics: [] })).errors).toBeUndefined();
  });

  it.each([
    ['HOUR', 62 * 24],
    ['DAY', 5 * 366],
  ])('may be as long as its step reaches: %s', async (step, count) => {
    const days = step === 'HOUR' ? 62 : 5 * 366;
    const to = new Date(at('2026-11-10T00:00:00').getTime());
    const from = new Date(to.getTime() - days * 24 * HOUR_MS);
    const points = await pointsOf({ from: from.toISOString(), to: to.toISOString(), step });
    expect(points).toHaveLength(count);
  });

  it('costs as many statements for a hundred devices as for one', async () => {
    const costOf = async (ids: string[]): Promise<number> => {
      const costs: number[] = [];
      for (let run = 0; run < 5; run += 1) {
        const before = await history.statements();
        await ask(ids, day);
        costs.push((await history.statements()) - before);
      }
      // The least: the tails of the logs read on their own every second.
      return Math.min(...costs);
    };
    // The units, the samples, which days are sealed, and the time of statuses.
    expect(await costOf(['d1'])).toBe(4);
    expect(await costOf(Array.from({ length: 100 }, (_, index) => `d${index}`))).toBe(4);
  });
});
