import { TOKEN_MAX_SECONDS } from '@wheelhouse/contracts/access.ts';
import { expect, it } from 'vitest';
import { type KeyTimes, PUBLISHED_AHEAD_MS, planKeys, SIGNING_MS, signingKeyAt } from './signing-keys.ts';

const START = new Date('2026-11-25T12:00:00Z');
const after = (ms: number): Date => new Date(START.getTime() + ms);
const key = (kid: string, fromMs: number): KeyTimes => ({ kid, signsFrom: after(fromMs) });

it('makes a first key that signs at once', () => {
  expect(planKeys([], START)).toEqual({ signsFrom: START, removable: [] });
});

it('makes the next key a day before it signs, and not earlier', () => {
  const keys = [key('one', 0)];
  expect(planKeys(keys, after(SIGNING_MS - PUBLISHED_AHEAD_MS - 1)).signsFrom).toBeNull();
  expect(planKeys(keys, after(SIGNING_MS - PUBLISHED_AHEAD_MS)).signsFrom).toEqual(after(SIGNING_MS));
  expect(planKeys([...keys, key('two', SIGNING_MS)], after(SIGNING_MS)).signsFrom).toBeNull();
});

it('publishes a key ahead even where nobody has looked for long', () => {
  const late = 3 * SIGNING_MS;
  expect(planKeys([key('one', 0)], after(late)).signsFrom).toEqual(after(late + PUBLISHED_AHEAD_MS));
});

it('keeps a key until the last token of it has ended, and an hour for clocks', () => {
  const keys = [key('one', 0), key('two', SIGNING_MS)];
  const endMs = SIGNING_MS + TOKEN_MAX_SECONDS * 1_000 + 3_600_000;
  expect(planKeys(keys, after(endMs - 1)).removable).toEqual([]);
  expect(planKeys(keys, after(endMs)).removable).toEqual(['one']);
});

it('signs with the last key whose time has come', () => {
  const keys = [key('two', SIGNING_MS), key('one', 0)];
  expect(signingKeyAt(keys, after(-1))).toBeNull();
  expect(signingKeyAt(keys, after(SIGNING_MS - 1))?.kid).toBe('one');
  expect(signingKeyAt(keys, after(SIGNING_MS))?.kid).toBe('two');
});
