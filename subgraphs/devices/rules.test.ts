import type { Observation } from '@wheelhouse/contracts/observations.ts';
import { describe, expect, it } from 'vitest';
import {
  afterObservation,
  type Change,
  type DeviceState,
  isStale,
  newDeviceState,
  nextFreshnessLook,
  type Status,
  thresholdsOf,
  withoutFindings,
} from './rules.ts';

const thresholds = thresholdsOf({ sweepSeconds: 60, missesToOffline: 3, answersToOnline: 2 });
const START = Date.parse('2026-11-22T08:00:00Z');
const time = (seconds: number): Date => new Date(START + seconds * 1_000);

const aState = (overrides: Partial<DeviceState> = {}): DeviceState => ({
  status: 'ONLINE',
  since: time(0),
  reason: null,
  observedAt: time(0),
  slot: time(0),
  misses: 0,
  answers: 1,
  lookProblem: null,
  ...overrides,
});

type Finding = Observation['finding'];
const answered = (...problems: string[]): Finding => ({ kind: 'ANSWERED', problems });
const silent: Finding = { kind: 'SILENT', detail: 'no answer' };
const couldNotLook = { kind: 'COULD_NOT_LOOK', detail: 'CREDENTIALS_REJECTED: check the keys' } satisfies Finding;

/** Looks a minute apart, each a second after its slot. */
function look(state: DeviceState, findings: readonly Finding[], first = 60) {
  const changes: Change[] = [];
  let now = state;
  findings.forEach((finding, index) => {
    const slot = time(first + index * 60);
    const observation = { deviceId: 'd', atMs: slot.getTime() + 1_000, finding };
    const { state: next, change } = afterObservation(now, observation, slot, thresholds);
    now = next;
    if (change) changes.push(change);
  });
  return { state: now, changes };
}

describe('thresholds', () => {
  it.each([
    [60, 120_000, 240_000],
    // The least values: a second's sweep leaves no room for the way from the look to the engine.
    [1, 10_000, 20_000],
    [5, 10_000, 20_000],
    [6, 12_000, 24_000],
  ])(
    'of a sweep every %s s are stale after %s ms and unknown after %s ms',
    (sweepSeconds, staleAfterMs, unknownAfterMs) => {
      expect(thresholdsOf({ sweepSeconds, missesToOffline: 3, answersToOnline: 1 })).toMatchObject({
        staleAfterMs,
        unknownAfterMs,
      });
    },
  );
});

describe('a status after looks', () => {
  const cases: [
    name: string,
    from: Partial<DeviceState>,
    findings: Finding[],
    to: Status,
    reason: string | RegExp | null,
  ][] = [
    ['a new device that answers is ONLINE at once', newDeviceState(time(0)), [answered()], 'ONLINE', null],
    [
      'a new device that answers with trouble is DEGRADED',
      newDeviceState(time(0)),
      [answered('hot')],
      'DEGRADED',
      'hot',
    ],
    ['a new device is UNKNOWN after one miss', newDeviceState(time(0)), [silent], 'UNKNOWN', /1 of 3 looks/],
    ['a new device is UNKNOWN after two misses', newDeviceState(time(0)), [silent, silent], 'UNKNOWN', /2 of 3 looks/],
    [
      'a new device is OFFLINE after three misses',
      newDeviceState(time(0)),
      [silent, silent, silent],
      'OFFLINE',
      'no answer, 3 looks in a row',
    ],
    ['ONLINE stays after two misses', {}, [silent, silent], 'ONLINE', null],
    [
      'ONLINE becomes OFFLINE after three misses',
      {},
      [silent, silent, silent],
      'OFFLINE',
      'no answer, 3 looks in a row',
    ],
    [
      'DEGRADED becomes OFFLINE after three misses',
      { status: 'DEGRADED', reason: 'hot' },
      [silent, silent, silent],
      'OFFLINE',
      /3 looks/,
    ],
    ['DEGRADED keeps its reason meanwhile', { status: 'DEGRADED', reason: 'hot' }, [silent, silent], 'DEGRADED', 'hot'],
    ['an answer in between starts the count again', {}, [silent, silent, answered(), silent, silent], 'ONLINE', null],
    [
      'OFFLINE stays after one answer of two',
      { status: 'OFFLINE', reason: 'gone', answers: 0 },
      [answered()],
      'OFFLINE',
      'gone',
    ],
    ['OFFLINE is over after two answers', { status: 'OFFLINE', answers: 0 }, [answered(), answered()], 'ONLINE', null],
    [
      'OFFLINE is over into DEGRADED too',
      { status: 'OFFLINE', answers: 0 },
      [answered(), answered('hot')],
      'DEGRADED',
      'hot',
    ],
    [
      'OFFLINE stays when a miss parts the answers',
      { status: 'OFFLINE', answers: 0, reason: 'gone' },
      [answered(), silent, answered()],
      'OFFLINE',
      'gone',
    ],
    [
      'ONLINE becomes DEGRADED at once, with all reasons',
      {},
      [answered('hot', 'a fan stands still')],
      'DEGRADED',
      'hot; a fan stands still',
    ],
    ['DEGRADED becomes ONLINE at once', { status: 'DEGRADED', reason: 'hot' }, [answered()], 'ONLINE', null],
    ['DEGRADED takes the newest reason', { status: 'DEGRADED', reason: 'hot' }, [answered('dark')], 'DEGRADED', 'dark'],
    ['UNKNOWN becomes ONLINE at the first answer', { status: 'UNKNOWN', answers: 0 }, [answered()], 'ONLINE', null],
    [
      'a look that could not be taken leaves ONLINE',
      {},
      [couldNotLook, couldNotLook, couldNotLook, couldNotLook],
      'ONLINE',
      null,
    ],
    [
      'a look that could not be taken leaves OFFLINE and its reason',
      { status: 'OFFLINE', reason: 'gone' },
      [couldNotLook],
      'OFFLINE',
      'gone',
    ],
    [
      'a look that could not be taken says so of an UNKNOWN',
      newDeviceState(time(0)),
      [couldNotLook],
      'UNKNOWN',
      'could not look: CREDENTIALS_REJECTED: check the keys',
    ],
    ['a look that could not be taken is no miss', {}, [silent, silent, couldNotLook], 'ONLINE', null],
    [
      'a look that could not be taken does not undo misses',
      {},
      [silent, silent, couldNotLook, silent],
      'OFFLINE',
      'no answer, 3 looks in a row',
    ],
  ];
  it.each(cases)('%s', (_name, from, findings, status, reason) => {
    const { state } = look(aState(from), findings);
    expect(state.status).toBe(status);
    if (reason instanceof RegExp) expect(state.reason).toMatch(reason);
    else expect(state.reason).toBe(reason);
  });

  it('changes are told once, with the time of the look that decided', () => {
    const { changes, state } = look(aState(), [silent, silent, silent, silent, answered(), answered(), answered()]);
    expect(changes).toEqual([
      { at: time(181), from: 'ONLINE', to: 'OFFLINE', reason: 'no answer, 3 looks in a row', blind: false },
      { at: time(361), from: 'OFFLINE', to: 'ONLINE', reason: null, blind: false },
    ]);
    expect(state.since).toEqual(time(361));
  });

  it('a look that could not be taken neither counts its slot nor makes the finding fresh', () => {
    const before = aState({ misses: 1 });
    expect(look(before, [couldNotLook]).state).toEqual({ ...before, lookProblem: couldNotLook.detail });
  });

  it('with one miss to OFFLINE and one answer to ONLINE every look decides', () => {
    const strict = thresholdsOf({ sweepSeconds: 60, missesToOffline: 1, answersToOnline: 1 });
    const observe = (state: DeviceState, finding: Finding, seconds: number) =>
      afterObservation(state, { deviceId: 'd', atMs: time(seconds).getTime(), finding }, time(seconds), strict).state;
    const offline = observe(aState(), silent, 60);
    expect([offline.status, observe(offline, answered(), 120).status]).toEqual(['OFFLINE', 'ONLINE']);
  });
});

describe('slots', () => {
  const observe = (state: DeviceState, slotSeconds: number, atSeconds = slotSeconds + 1, finding: Finding = silent) =>
    afterObservation(state, { deviceId: 'd', atMs: time(atSeconds).getTime(), finding }, time(slotSeconds), thresholds);

  it.each([
    ['the slot before', -60],
    ['the same slot', 0],
  ])('that come late, as %s, change nothing at all', (_name, slot) => {
    const before = aState();
    expect(observe(before, slot)).toEqual({ state: before, change: null });
    expect(observe(before, slot).state).toBe(before);
    expect(observe(before, slot, slot + 1, couldNotLook).state).toBe(before);
  });

  it('that are newer by a millisecond count', () => {
    expect(observe(aState(), 0.001).state.misses).toBe(1);
  });

  it('make a miss one miss, however often its job runs', () => {
    let state = aState({ misses: 1 });
    for (let run = 0; run < 5; run += 1) state = observe(state, 60).state;
    expect([state.misses, state.status]).toEqual([2, 'ONLINE']);
  });

  it('may come with a look that is older than the last one: time never goes back', () => {
    const before = aState({ observedAt: time(30), since: time(30), slot: time(0), misses: 2 });
    const { state, change } = observe(before, 5, 10);
    expect(state.observedAt).toEqual(time(30));
    expect(change?.at).toEqual(time(30));
  });
});

describe('a gap without looks', () => {
  const missAfter = (seconds: number) => {
    const state = aState({ misses: 2, observedAt: time(0) });
    const at = time(seconds);
    return afterObservation(state, { deviceId: 'd', atMs: at.getTime(), finding: silent }, at, thresholds).state;
  };

  it('shorter than what makes a device UNKNOWN leaves misses in a row', () => {
    expect(missAfter(239.999)).toMatchObject({ misses: 3, status: 'OFFLINE' });
  });

  it('as long as that starts the count again', () => {
    expect(missAfter(240)).toMatchObject({ misses: 1, status: 'ONLINE' });
  });

  it('starts the count of answers again too', () => {
    const state = aState({ status: 'OFFLINE', answers: 1 });
    const observe = (seconds: number) =>
      afterObservation(
        state,
        { deviceId: 'd', atMs: time(seconds).getTime(), finding: answered() },
        time(seconds),
        thresholds,
      );
    expect(observe(239).state.status).toBe('ONLINE');
    expect(observe(240).state.status).toBe('OFFLINE');
  });
});

describe('freshness', () => {
  it.each([
    [null, false],
    [0, false],
    [119.999, false],
    [120, false],
    [120.001, true],
  ])('a finding %s s ago is stale: %s', (seconds, stale) => {
    const now = time(1_000);
    const observedAt = seconds === null ? null : new Date(now.getTime() - seconds * 1_000);
    expect(isStale(observedAt, now, thresholds)).toBe(stale);
  });

  it.each(['ONLINE', 'DEGRADED', 'OFFLINE'] as const)(
    '%s becomes UNKNOWN when nobody has looked for long enough',
    (status) => {
      const state = aState({ status, misses: 2, answers: 1 });
      expect(withoutFindings(state, time(239.999), thresholds)).toBeNull();
      const decided = withoutFindings(state, time(240), thresholds);
      expect(decided?.change).toEqual({
        at: time(240),
        from: status,
        to: 'UNKNOWN',
        reason: expect.stringContaining('nobody looked'),
        blind: true,
      });
      expect(decided?.state).toMatchObject({
        status: 'UNKNOWN',
        since: time(240),
        misses: 0,
        answers: 0,
        observedAt: time(0),
      });
    },
  );

  it('says why nobody could look, when that is known', () => {
    const { state } = afterObservation(
      aState(),
      { deviceId: 'd', atMs: START + 60_000, finding: couldNotLook },
      time(60),
      thresholds,
    );
    expect(state).toMatchObject({ status: 'ONLINE', reason: null, lookProblem: couldNotLook.detail });
    const reason = `could not look: ${couldNotLook.detail}`;
    // Somebody tried: it is this device that could not be looked at, and not the monitoring that was away.
    expect(withoutFindings(state, time(240), thresholds)?.change).toMatchObject({ reason, blind: false });
    const found = afterObservation(
      state,
      { deviceId: 'd', atMs: START + 120_000, finding: answered() },
      time(120),
      thresholds,
    );
    expect(found.state.lookProblem).toBeNull();
  });

  it('dates the change by when it fell due, however late it is noticed', () => {
    expect(withoutFindings(aState(), time(86_400), thresholds)?.change.at).toEqual(time(240));
  });

  it('dates no change before the one that it follows', () => {
    expect(withoutFindings(aState({ since: time(300) }), time(400), thresholds)?.change.at).toEqual(time(300));
  });

  it.each([
    ['that is UNKNOWN already', { status: 'UNKNOWN' as const }],
    ['that nobody has looked at yet', newDeviceState(time(0))],
  ])('leaves a device %s alone', (_name, state) => {
    expect(withoutFindings(aState(state), time(86_400), thresholds)).toBeNull();
  });

  it('a device that went OFFLINE while UNKNOWN needs all its misses anew', () => {
    const unknown = withoutFindings(aState({ misses: 2 }), time(240), thresholds)?.state ?? aState();
    expect(look(unknown, [silent, silent], 300).state.status).toBe('UNKNOWN');
    expect(look(unknown, [silent, silent, silent], 300).state.status).toBe('OFFLINE');
  });

  it.each<[string, number, number | null, number]>([
    ['nothing can run out', 500, null, 510],
    ['the oldest finding runs out later', 500, 400, 510],
    ['the oldest finding runs out before', 500, 262, 502],
    ['the oldest finding has run out by now', 500, 260, 500],
  ])('is looked at again after 10 s at most, and when %s', (_name, now, oldest, next) => {
    const looked = nextFreshnessLook(time(now), oldest === null ? null : time(oldest), thresholds);
    expect(looked).toEqual(time(next));
  });
});
