import { describe, expect, it } from 'vitest';
import { planStatusTime, type StatusPlan } from './status-plan.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Parts, sealed days and what comes of them in hours since the epoch. */
type Case = {
  fact: string;
  parts: [from: number, to: number][];
  sealedDays?: number[];
  now?: number;
  reach?: number;
  sealed?: [day: number, part: number, weight: number][];
  log?: [from: number, to: number, part: number][];
  reads?: [from: number, to: number][];
};

const cases: Case[] = [
  { fact: 'what is not sealed is told by the log', parts: [[0, 48]], log: [[0, 48, 0]], reads: [[0, 48]] },
  {
    fact: 'a sealed day that lies wholly in a part is told by itself',
    parts: [[0, 48]],
    sealedDays: [0, 1],
    sealed: [
      [0, 0, 1],
      [1, 0, 1],
    ],
  },
  {
    fact: 'of a part with broken edges the edges are told by the log',
    ...{ parts: [[12, 60]], sealedDays: [0, 1, 2], sealed: [[1, 0, 1]] },
    ...{
      log: [
        [12, 24, 0],
        [48, 60, 0],
      ],
      reads: [
        [12, 24],
        [48, 60],
      ],
    },
  },
  {
    fact: 'a day that is cut by two parts is told by the log, in one reading',
    ...{
      parts: [
        [0, 23],
        [23, 48],
      ],
      sealedDays: [0, 1],
      sealed: [[1, 1, 1]],
    },
    ...{
      log: [
        [0, 23, 0],
        [23, 24, 1],
      ],
      reads: [[0, 24]],
    },
  },
  {
    fact: 'the future is told by nobody',
    ...{
      parts: [
        [0, 24],
        [24, 48],
        [48, 72],
      ],
      now: 30,
      sealedDays: [0],
      sealed: [[0, 0, 1]],
      log: [[24, 30, 1]],
      reads: [[24, 30]],
    },
  },
  { fact: 'a range in the future is empty', parts: [[24, 48]], now: 24 },
  {
    fact: 'where the log does not reach, a part of a sealed day is that part of it',
    ...{
      parts: [[6, 30]],
      sealedDays: [0, 1],
      reach: 500,
      sealed: [
        [0, 0, 0.75],
        [1, 0, 0.25],
      ],
    },
  },
  {
    fact: 'where the log begins within the day, both tell their part',
    ...{ parts: [[6, 18]], sealedDays: [0], reach: 12, sealed: [[0, 0, 0.25]], log: [[12, 18, 0]], reads: [[12, 18]] },
  },
  {
    fact: 'where nothing is sealed, the log says what it has',
    parts: [[0, 12]],
    reach: 500,
    log: [[0, 12, 0]],
    reads: [[0, 12]],
  },
  {
    fact: 'many gaps are one reading',
    ...{
      parts: [[0, 240]],
      sealedDays: [1, 3, 5, 7, 9],
      sealed: [1, 3, 5, 7, 9].map((day): [number, number, number] => [day, 0, 1]),
    },
    ...{ log: [0, 2, 4, 6, 8].map((day): [number, number, number] => [day * 24, day * 24 + 24, 0]), reads: [[0, 216]] },
  },
];

describe('where the time of statuses is taken from', () => {
  it.each(cases)('$fact', ({ parts, sealedDays = [], now = 1_000, reach, sealed = [], log = [], reads = [] }) => {
    const plan = planStatusTime({
      parts: parts.map(([from, to]) => ({ fromMs: from * HOUR_MS, toMs: to * HOUR_MS })),
      nowMs: now * HOUR_MS,
      sealedDays: new Set(sealedDays.map((day) => day * DAY_MS)),
      reachMs: reach === undefined ? null : reach * HOUR_MS,
    });
    expect(plan).toEqual<StatusPlan>({
      sealed: sealed.map(([day, part, weight]) => ({ dayMs: day * DAY_MS, part, weight })),
      log: log.map(([from, to, part]) => ({ fromMs: from * HOUR_MS, toMs: to * HOUR_MS, part })),
      reads: reads.map(([from, to]) => ({ fromMs: from * HOUR_MS, toMs: to * HOUR_MS })),
    });
  });
});
