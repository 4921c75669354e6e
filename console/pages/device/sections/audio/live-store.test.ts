import { describe, expect, it } from 'vitest';
import { createLiveStore, freshnessOf, type LiveEvent } from './live-store.ts';

const AT = '2026-11-26T12:00:00Z';
const aValue = (name: string, value: number) => ({ name, value, string: `${value}dB`, position: 0.5, measuredAt: AT });
const anEvent = (overrides: Partial<LiveEvent>): LiveEvent => ({
  ...{ live: true, problem: null, asOf: AT, complete: false, values: [], missing: [] },
  ...overrides,
});

describe('a value that is told', () => {
  it('turns its own store, and no other', () => {
    const live = createLiveStore();
    live.take(anEvent({ complete: true, values: [aValue('gain', -12), aValue('mute', 0)] }), 1);
    const turned: string[] = [];
    for (const name of ['gain', 'mute']) live.of(name).subscribe(() => turned.push(name));
    live.telling.subscribe(() => turned.push('telling'));
    live.take(anEvent({ values: [aValue('gain', -11), aValue('mute', 0)], asOf: '2026-11-26T12:00:01Z' }), 2);
    expect(turned).toEqual(['gain']);
    expect(live.of('gain').get()).toMatchObject({ value: -11 });
  });

  it('is missing when the design has its control no longer', () => {
    const live = createLiveStore();
    live.take(anEvent({ missing: [{ component: 'Foyer Gain', name: 'gain' }] }), 1);
    expect(live.of('gain').get()).toBe('missing');
  });
});

describe('how fresh the values are', () => {
  const telling = { isLive: true, problem: null, asOf: null };
  const away = { isLive: false, problem: 'it is away', asOf: AT };
  it.each([
    ['live', { phase: 'live', reason: null }, telling, { phase: 'live', asOf: null, reason: null }],
    ['connecting before the first event', { phase: 'live', reason: null }, null, { phase: 'connecting' }],
    ['not live while the Core does not tell', { phase: 'live', reason: null }, away, { phase: 'coreSilent', asOf: AT }],
    ['as of the last event while the road is broken', { phase: 'reconnecting', reason: 'x' }, telling, { asOf: 7 }],
    [
      'not live for good when it was refused',
      { phase: 'ended', reason: 'gone' },
      null,
      { phase: 'ended', reason: 'gone' },
    ],
  ] as const)('%s', (_fact, follow, told, fresh) => expect(freshnessOf(follow, told, 7)).toMatchObject(fresh));
});
