import { describe, expect, it } from 'vitest';
import { AGAIN_MS, dueSwitching, type Held, heldAnew, type LastChange, reckonAt, stepOf } from './due.ts';
import { type Hours, WEEKDAYS } from './hours.ts';
import { nextSwitching } from './switchings.ts';

const at = (text: string): Date => new Date(text);
const later = (date: Date, ms: number): Date => new Date(date.getTime() + ms);
const everyDay = (on: string, off: string): Hours => ({
  weekly: WEEKDAYS.map((weekday) => ({ weekday, on, off })),
  exceptions: [],
});
const nine = everyDay('09:00', '18:00');
/** Hours that have been followed up to a moment. */
const followed = (hours: Hours, through: string, timeZone = 'UTC'): Held => ({
  ...{ hours, timeZone, switchedThrough: at(through) },
  next: nextSwitching(hours, timeZone, at(through)),
});
const due = (held: Held, now: string) => dueSwitching(held, at(now), reckonAt(at(now)));

describe('what is due', () => {
  const held = followed(nine, '2026-11-24T18:00Z');

  it.each([
    ['nothing a moment before', '2026-11-25T08:59:59.999Z', null],
    ['the switching of that minute', '2026-11-25T09:00:00Z', ['2026-11-25T09:00:00.000Z', 'ON']],
    ['it still is when the look is late', '2026-11-25T17:59:59Z', ['2026-11-25T09:00:00.000Z', 'ON']],
    ['the last one only, after hours without a look', '2026-11-25T18:00:00Z', ['2026-11-25T18:00:00.000Z', 'OFF']],
    ['the last one only, after days', '2026-11-28T12:00:00Z', ['2026-11-28T09:00:00.000Z', 'ON']],
  ])('is %s', (_name, now, expected) => {
    const switching = due(held, now);
    expect(switching && [switching.at.toISOString(), switching.power]).toEqual(expected);
  });

  it('is nothing that was done already', () => {
    expect(due(followed(nine, '2026-11-25T09:00Z'), '2026-11-25T09:00:00Z')).toBeNull();
    expect(due(followed(nine, '2026-11-25T09:00Z'), '2026-11-25T17:59:00Z')).toBeNull();
  });
});

describe('new hours', () => {
  const anew = (hours: Hours, timeZone: string, before: Held | null, now: string): Held =>
    heldAnew({ hours, timeZone }, before, at(now), reckonAt(at(now)));

  it('switch nothing that lies behind: they apply from the next switching on', () => {
    const held = anew(nine, 'UTC', null, '2026-11-25T12:00Z');
    expect(held).toMatchObject({ switchedThrough: at('2026-11-25T12:00Z'), next: { power: 'OFF' } });
    expect(due(held, '2026-11-25T17:59Z')).toBeNull();
    expect(due(held, '2026-11-25T18:00Z')).toEqual({ at: at('2026-11-25T18:00Z'), power: 'OFF' });
  });

  it('of this very minute count as over', () => {
    expect(anew(nine, 'UTC', null, '2026-11-25T09:00:00Z').next?.power).toBe('OFF');
    expect(anew(nine, 'UTC', null, '2026-11-25T08:59:59.999Z').next?.power).toBe('ON');
  });

  it('let what was due before be done, unless one of theirs is due by then', () => {
    const before = followed(nine, '2026-11-24T18:00Z');
    const held = anew(everyDay('10:00', '17:00'), 'UTC', before, '2026-11-25T09:00:30Z');
    expect(due(held, '2026-11-25T09:01Z')).toEqual({ at: at('2026-11-25T09:00Z'), power: 'ON' });
    expect(due(held, '2026-11-25T17:00Z')).toEqual({ at: at('2026-11-25T17:00Z'), power: 'OFF' });
    // And hours that are set once more do not lose it either.
    const again = anew(everyDay('11:00', '16:00'), 'UTC', held, '2026-11-25T09:00:40Z');
    expect(due(again, '2026-11-25T09:01Z')).toEqual({ at: at('2026-11-25T09:00Z'), power: 'ON' });
  });

  it('let the last of what was due before be done', () => {
    const before = followed(nine, '2026-11-20T18:00Z');
    const held = anew(nine, 'Asia/Tokyo', before, '2026-11-25T12:00Z');
    expect(held.next).toEqual({ at: at('2026-11-25T09:00Z'), power: 'ON' });
  });

  it('in another time zone switch nothing that lies behind', () => {
    // 12:00 in Greenwich is 21:00 in Tokyo: by the new zone the display should be off since three hours.
    const before = followed(nine, '2026-11-25T09:00Z');
    const held = anew(nine, 'Asia/Tokyo', before, '2026-11-25T12:00Z');
    expect(due(held, '2026-11-25T23:59Z')).toBeNull();
    expect(due(held, '2026-11-26T00:00Z')).toEqual({ at: at('2026-11-26T00:00Z'), power: 'ON' });
  });

  it('in a zone that this machine does not know switch nothing', () => {
    const held = anew(nine, 'Mars/Olympus', null, '2026-11-25T12:00Z');
    expect(held.next).toBeNull();
    expect(due(held, '2026-11-28T12:00Z')).toBeNull();
  });
});

describe('the step', () => {
  const held = followed(nine, '2026-11-25T09:00Z');
  const requestedAt = at('2026-11-25T09:00Z');
  const finishedAt = at('2026-11-25T09:00:10Z');
  const aChange = (overrides: Partial<LastChange> = {}): LastChange => ({
    ...{ state: 'UNREACHABLE', power: 'ON', reason: 'opens at 09:00 (UTC)', requestedAt, finishedAt },
    isOvertaken: false,
    ...overrides,
  });
  const step = (change: LastChange | null, measuredAt: Date | null, now: Date) =>
    stepOf(held, { change, measuredAt }, now, reckonAt(now));
  const inTime = later(requestedAt, AGAIN_MS);
  const answered = later(finishedAt, 1);

  it('is a switching with its reason and the one that follows', () => {
    const now = at('2026-07-25T06:00Z');
    const cairo = followed(nine, '2026-07-24T15:00Z', 'Africa/Cairo');
    expect(stepOf(cairo, { change: aChange(), measuredAt: null }, now, reckonAt(now))).toEqual({
      ...{ kind: 'switch', power: 'ON', reason: 'opens at 09:00 (Africa/Cairo)', switching: { at: now, power: 'ON' } },
      next: { at: at('2026-07-25T15:00Z'), power: 'OFF' },
    });
  });

  it.each(['APPLIED', 'MISMATCH', 'REJECTED', 'SUPERSEDED'] as const)('is to forget a change that is %s', (state) => {
    expect(step(aChange({ state }), answered, inTime)).toEqual({ kind: 'settled' });
  });

  it.each(['PENDING', 'SENDING'] as const)('is to wait for a change that is %s', (state) => {
    expect(step(aChange({ state, finishedAt: null }), answered, inTime)).toEqual({ kind: 'wait' });
  });

  it('is to wait where a newer worker has reckoned by a zone that this one does not know', () => {
    const elsewhere = { ...held, timeZone: 'Mars/Olympus' };
    const now = at('2026-11-25T18:00Z');
    expect(stepOf(elsewhere, { change: aChange(), measuredAt: null }, now, reckonAt(now))).toEqual({ kind: 'wait' });
  });

  it('is to try again once the display has answered a look, and not within five minutes', () => {
    const again = { kind: 'again', power: 'ON', reason: 'opens at 09:00 (UTC), tried again' };
    expect(step(aChange(), answered, inTime)).toEqual(again);
    expect(step(aChange(), answered, later(inTime, -1))).toEqual({ kind: 'wait' });
    expect(step(aChange(), finishedAt, inTime)).toEqual({ kind: 'wait' });
    expect(step(aChange(), null, inTime)).toEqual({ kind: 'wait' });
    expect(step(aChange({ reason: again.reason }), answered, inTime)).toEqual(again);
  });

  it('is not to try again what someone has set otherwise since', () => {
    expect(step(aChange({ isOvertaken: true }), answered, inTime)).toEqual({ kind: 'settled' });
  });

  it('is the next switching, when that is due, and not the last one again', () => {
    expect(step(aChange(), answered, at('2026-11-25T18:00Z'))).toMatchObject({ kind: 'switch', power: 'OFF' });
  });
});
