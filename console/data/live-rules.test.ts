import { describe, expect, it } from 'vitest';
import { KEPT_CHANGES, keepRecent, type LiveState, nextLive, type StatusChange } from './live-rules.ts';

const NOW = Date.parse('2026-11-26T12:00:00Z');
const aChange = (cursor: string, at = '2026-11-26T11:59:00Z'): StatusChange => ({
  ...{ cursor, at, from: 'ONLINE', to: 'OFFLINE', reason: null, device: null },
});
const cursors = (changes: readonly StatusChange[]) => changes.map(({ cursor }) => cursor);

describe('recent changes', () => {
  it('stand newest first', () => {
    expect(cursors(keepRecent([aChange('1')], [aChange('2'), aChange('3')], NOW))).toEqual(['3', '2', '1']);
  });

  it('that came over two connections stand once', () => {
    expect(cursors(keepRecent([aChange('1')], [aChange('1'), aChange('2'), aChange('2')], NOW))).toEqual(['2', '1']);
  });

  it('are those of an hour, and no more than are kept', () => {
    expect(keepRecent([aChange('1', '2026-11-26T11:00:00Z')], [], NOW)).toEqual([]);
    const many = Array.from({ length: KEPT_CHANGES + 5 }, (_, at) => aChange(String(at)));
    expect(keepRecent([], many, NOW)).toHaveLength(KEPT_CHANGES);
  });
});

describe('the state of what is on the page', () => {
  const at = (second: number) => new Date(NOW + second * 1_000);
  const connecting: LiveState = { phase: 'connecting', since: at(0), asOf: null };
  const live: LiveState = { phase: 'live', since: at(1) };

  it('is live once the stream is, and since then', () => {
    expect(nextLive(connecting, { phase: 'live', reason: null }, at(1))).toEqual(live);
    expect(nextLive(live, { phase: 'live', reason: null }, at(9))).toBe(live);
  });

  it('is as of the moment when it was last live, however often it is tried again', () => {
    const lost = nextLive(live, { phase: 'reconnecting', reason: 'closed' }, at(5));
    expect(lost).toEqual({ phase: 'reconnecting', since: at(5), asOf: at(5), reason: 'closed' });
    expect(nextLive(lost, { phase: 'reconnecting', reason: 'refused' }, at(9))).toEqual({ ...lost, reason: 'refused' });
    expect(nextLive(lost, { phase: 'ended', reason: 'gone' }, at(9))).toMatchObject({
      phase: 'reconnecting',
      since: at(5),
    });
  });

  it('was never live before it was', () => {
    expect(nextLive(connecting, { phase: 'reconnecting', reason: 'closed' }, at(5))).toBe(connecting);
  });
});
