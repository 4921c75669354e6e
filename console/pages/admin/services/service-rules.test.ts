import { describe, expect, it } from 'vitest';
import { freshness, inOrder, type Process, printSeconds, type Service, sinceOf } from './service-rules.ts';

const service = (name: string, state: Service['state']): Service => ({
  ...{ name, state, stateReason: null, processes: [], sweep: null, queues: [] },
});
const process = (state: Process['state']): Process => ({
  ...{ id: '1', role: 'SERVER', state, version: '1.0.0', revision: null, host: 'one', pid: 7 },
  ...{ startedAt: '2026-11-26T08:00:00Z', lastSeenAt: '2026-11-26T12:00:00Z' },
});

it('puts the services that need a person first', () => {
  const services = [
    service('qsys', 'UP'),
    service('fida', 'DOWN'),
    service('devices', 'UP'),
    service('history', 'DEGRADED'),
  ];
  expect(inOrder(services).map(({ name }) => name)).toEqual(['fida', 'history', 'devices', 'qsys']);
});

it.each([
  ['UP', '2026-11-26T08:00:00Z'],
  ['SILENT', '2026-11-26T12:00:00Z'],
  ['STOPPED', '2026-11-26T12:00:00Z'],
] as const)('says since when a process is %s', (state, since) => {
  expect(sinceOf(process(state))).toBe(since);
});

it.each([
  [0.84, '0.8'],
  [99.94, '99.9'],
  [1234.5, '1,235'],
])('prints %d seconds as %s', (seconds, text) => {
  expect(printSeconds(seconds)).toBe(text);
});

describe('an answer', () => {
  const asked = { at: 100_000, isFailing: false, isPaused: false };

  it.each([
    ['is live while the next ones come', asked, 115_000, 'live'],
    ['is stale when they do not', asked, 115_001, 'stale'],
    ['is stale as soon as one failed', { ...asked, isFailing: true }, 100_001, 'stale'],
    ['is paused while nobody looks', { ...asked, isPaused: true }, 200_000, 'paused'],
  ] as const)('%s', (_, given, now, wanted) => {
    expect(freshness(given, now)).toBe(wanted);
  });
});
