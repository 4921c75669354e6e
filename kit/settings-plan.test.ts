import { describe, expect, it } from 'vitest';
import { createSealer } from './sealed.ts';
import { effectsOnOpen, movedSince, openPlan, PLAN_VALID_MS, planKey, sealPlan } from './settings-plan.ts';

const sealer = createSealer('5a'.repeat(32));
const now = new Date('2026-11-22T12:00:00.000Z');
const plan = {
  ...{ subject: 'a', sent: { level: 40 }, kept: { hours: [] }, before: { level: 70, hours: null } },
  ...{ expected: { level: 70 }, settingsVersion: 3, reason: null, undoes: null },
};

describe('a plan', () => {
  it('is opened as it was sealed, and says until when it is valid', () => {
    const { id, expiresAt } = sealPlan(sealer, plan, now);
    expect(expiresAt.getTime() - now.getTime()).toBe(PLAN_VALID_MS);
    expect(openPlan(sealer, id)).toMatchObject({ ...plan, expiresAtMs: expiresAt.getTime() });
  });

  it('is told from another of the same content', () => {
    const keys = [1, 2].map(() => {
      const opened = openPlan(sealer, sealPlan(sealer, plan, now).id);
      return opened && planKey(opened);
    });
    expect(keys[0]).not.toEqual(keys[1]);
  });

  it('is none that was sealed with another key, for another purpose, or holds something else', () => {
    expect(openPlan(createSealer('00'.repeat(32)), sealPlan(sealer, plan, now).id)).toBeNull();
    expect(openPlan(sealer, sealer.seal(plan, 'a'))).toBeNull();
    expect(openPlan(sealer, sealer.seal({ community: 'hush' }, 'settings plan'))).toBeNull();
  });

  it('that was sealed before the key was changed is opened by who has the previous key too', () => {
    const { id } = sealPlan(sealer, plan, now);
    expect(openPlan(createSealer('00'.repeat(32), '5a'.repeat(32)), id)).toMatchObject(plan);
  });

  it('of two years, day by day, is short enough for hundreds of them in one answer', () => {
    const days = Array.from({ length: 366 }, (_, day) => ({
      date: new Date(Date.UTC(2026, 10, 22 + day)).toISOString().slice(0, 10),
      windows: [1, 2, 3, 4].map((window) => ({ on: `0${window}:15`, off: `0${window}:45` })),
    }));
    const long = { ...plan, kept: { days }, before: { days: days.toReversed() } };
    const { id } = sealPlan(sealer, long, now);
    expect(openPlan(sealer, id)).toMatchObject(long);
    expect(id.length).toBeLessThan(12_000);
  });

  it('is none that is longer than any plan, and nobody tries to open it', () => {
    const tried: number[] = [];
    const counting = { ...sealer, open: (sealed: string) => tried.push(sealed.length) };
    expect(openPlan(counting, 'x'.repeat(2_000_001))).toBeNull();
    expect(openPlan(counting, 'x'.repeat(2_000_000))).toBeNull();
    expect(tried).toEqual([2_000_000]);
  });

  it('shows nothing of what is in it', () => {
    expect(sealPlan(sealer, plan, now).id).not.toMatch(/level|hours/);
  });
});

describe('what moved since a plan was made', () => {
  it('is each value that is another one by now', () => {
    const before = { mode: 'ON', level: 70 };
    expect(movedSince(before, before)).toEqual([]);
    expect(movedSince({ ...before, hours: null }, before)).toEqual([]);
    expect(movedSince(before, { mode: 'ON', level: 10 })).toEqual(['level was 70, and is 10']);
    expect(movedSince(before, { mode: 'ON' })).toEqual(['level was 70, and is null']);
    expect(movedSince({ level: { value: 70 } }, { level: { value: 70 } })).toEqual([]);
  });
});

describe('a change that has not come to its end', () => {
  const effect = (state: 'PENDING' | 'SENDING', names: string[]): string | undefined =>
    effectsOnOpen([{ id: 'c', state, wanted: { level: 1 } }], Object.fromEntries(names.map((name) => [name, 1])))[0];

  it('is superseded where nothing of it was sent and all of it is asked for again, and waited for otherwise', () => {
    expect(effect('PENDING', ['level', 'mode'])).toContain('supersedes the change c');
    expect(effect('PENDING', ['mode'])).toContain('waits for the change c');
    expect(effect('SENDING', ['level'])).toContain('waits for the change c');
  });
});
