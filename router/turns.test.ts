import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createTurns } from './turns.ts';

it('each caller begins one thing a turn, in order, and none waits for another', async () => {
  const turns = createTurns();
  const begun: string[] = [];
  const begin = async (caller: string, what: string): Promise<void> => {
    await turns.begin(caller);
    begun.push(what);
  };
  const all = [begin('a', 'a1'), begin('a', 'a2'), begin('a', 'a3'), begin('b', 'b1'), begin('b', 'b2')];
  await Promise.resolve();
  expect(begun).toEqual(['a1', 'b1']);
  await turn();
  expect(begun).toEqual(['a1', 'b1', 'a2', 'b2']);
  await Promise.all(all);
  expect(begun).toEqual(['a1', 'b1', 'a2', 'b2', 'a3']);
  await turn();
  await turn();
  expect(turns.begin('a')).toBeNull();
});

describe('after what took long', () => {
  /** Turns on a clock that stands still until it is moved. */
  function onClock() {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const turns = createTurns();
    /** Begins and tells whether it has. */
    const begin = (caller: string) => {
      const seen = { isBegun: false };
      const waiting = turns.begin(caller);
      if (waiting === null) seen.isBegun = true;
      else void waiting.then(() => Object.assign(seen, { isBegun: true }));
      return seen;
    };
    const pass = async (ms: number): Promise<void> => {
      await vi.advanceTimersByTimeAsync(ms);
      await turn();
      await turn();
    };
    return { turns, begin, pass };
  }

  it('a caller leaves the thread to others three times as long, who need not wait', async () => {
    const { turns, begin, pass } = onClock();
    begin('busy');
    turns.spent('busy', 20);
    begin('other');
    await pass(0);
    expect(turns.restMs('busy')).toBe(60);
    const next = begin('busy');
    await pass(59);
    expect(next.isBegun).toBe(false);
    expect(begin('other').isBegun).toBe(true);
    await pass(1);
    expect(next.isBegun).toBe(true);
  });

  it('what it does after another adds up, to a second at most', async () => {
    const { turns, begin } = onClock();
    begin('busy');
    begin('other');
    turns.spent('busy', 20);
    turns.spent('busy', 30);
    expect(turns.restMs('busy')).toBe(150);
    turns.spent('busy', 2_000);
    expect(turns.restMs('busy')).toBe(1_000);
    expect(turns.restMs('other')).toBe(0);
  });

  it('it need not rest while it is alone', async () => {
    const { turns, begin, pass } = onClock();
    begin('busy');
    turns.spent('busy', 300);
    expect(turns.restMs('busy')).toBe(0);
    begin('other');
    expect(turns.restMs('busy')).toBe(900);
    await pass(0);
    const next = begin('busy');
    await pass(899);
    expect(next.isBegun).toBe(false);
    turns.spent('busy', 300);
    // Nobody else has asked for a second.
    await pass(101);
    expect(turns.restMs('busy')).toBe(0);
  });
});
