import { describe, expect, it } from 'vitest';
import { availabilityOf, exportHref, fittingStep, seriesOf, spansOf, ticksOf } from './history-rules.ts';

const at = (hour: number): string => new Date(Date.UTC(2026, 10, 26, hour)).toISOString();
const ms = (hour: number): number => Date.parse(at(hour));
const metric = (name: string, mean: number) => ({ name, unit: '%', mean, min: mean - 1, max: mean + 1 });
const point = (hour: number, onlineRatio: number | null, metrics: ReturnType<typeof metric>[] = []) => ({
  ...{ from: at(hour), to: at(hour + 1), onlineRatio, metrics },
});

describe('series', () => {
  it('are one for each metric that any step has, with gaps where a step has no sample', () => {
    const series = seriesOf([point(0, 1, [metric('b', 5)]), point(1, 1, [metric('a', 7)])]);
    expect(series.map(({ name, points }) => [name, points.map(({ value, min }) => [value, min])])).toEqual([
      [
        'a',
        [
          [null, null],
          [7, 6],
        ],
      ],
      [
        'b',
        [
          [5, 4],
          [null, null],
        ],
      ],
    ]);
  });

  it('of the availability are per cent, and unknown is no nought', () => {
    expect(availabilityOf([point(0, 0.25), point(1, null)]).map(({ value }) => value)).toEqual([25, null]);
  });
});

describe('times in which a device was not online', () => {
  const span = { fromMs: ms(0), toMs: ms(10) };
  it('begin and end with the range where the status does not change in it', () => {
    expect(spansOf('OFFLINE', [], span)).toEqual([{ ...span, kind: 'OFFLINE' }]);
    expect([spansOf('ONLINE', [], span), spansOf(null, [], span)]).toEqual([[], []]);
  });

  it('go from change to change, and what is no status leaves them alone', () => {
    const changes = [
      { at: at(1), status: 'OFFLINE' as const },
      { at: at(2), status: null },
      { at: at(3), status: 'DEGRADED' as const },
      { at: at(4), status: 'ONLINE' as const },
      { at: at(9), status: 'UNKNOWN' as const },
    ];
    expect(spansOf('ONLINE', changes, span)).toEqual([
      { fromMs: ms(1), toMs: ms(3), kind: 'OFFLINE' },
      { fromMs: ms(3), toMs: ms(4), kind: 'DEGRADED' },
      { fromMs: ms(9), toMs: ms(10), kind: 'UNKNOWN' },
    ]);
  });
});

const statuses = { ONLINE: 'Online', DEGRADED: 'Degraded', OFFLINE: 'Offline', UNKNOWN: 'Unknown' };

it('ticks tell when, what, who and why', () => {
  const changes = [
    { at: at(1), kind: 'SETTINGS' as const, what: 'power → OFF: APPLIED', actor: 'ann', reason: 'night', status: null },
    {
      at: at(2),
      kind: 'STATUS' as const,
      what: 'ONLINE → OFFLINE',
      actor: null,
      reason: null,
      status: 'OFFLINE' as const,
    },
  ];
  expect(ticksOf(changes, { timeOf: (time) => time.slice(11, 16), statuses })).toEqual([
    { atMs: ms(1), kind: 'OTHER', text: '01:00 power → OFF: APPLIED · ann · night' },
    { atMs: ms(2), kind: 'OFFLINE', text: '02:00 Online → Offline' },
  ]);
});

it('the step that the graph says to fit is taken from its refusal', () => {
  const message = 'a range of 63 days is too long for HOUR, which reaches over 62 days: DAY fits';
  expect(fittingStep(['other', message])).toBe('DAY');
  expect([fittingStep([]), fittingStep(['NEVER fits'])]).toEqual([null, null]);
});

it('an export has the range of the plots, by hour or by day, and 400 days at most', () => {
  const [from, to] = [new Date(ms(0)), new Date(ms(24))];
  expect(exportHref('a b', { from, to, step: 'HOUR', format: 'csv' })).toBe(
    `/export/history?device=a+b&from=2026-11-26T00%3A00%3A00.000Z&to=2026-11-27T00%3A00%3A00.000Z&step=HOUR&format=csv`,
  );
  expect(exportHref('a', { from, to, step: 'MONTH', format: 'ndjson' })).toContain('step=DAY&format=ndjson');
  expect(exportHref('a', { from: new Date(ms(0) - 400 * 86_400_000), to, step: 'DAY', format: 'csv' })).toBeNull();
});
