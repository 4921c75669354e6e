import { describe, expect, it } from 'vitest';
import { readCursor } from './cursor-log.ts';
import { STATE_CURSOR, StateStream } from './state-stream.ts';

function aCounter() {
  const told = { now: 0, last: -1, left: 0 };
  const stream = new StateStream<number>({
    take: () => {
      if (told.now === told.last) return null;
      told.last = told.now;
      return told.now;
    },
    left: () => {
      told.left += 1;
    },
  });
  const count = (): void => {
    told.now += 1;
    stream.changed();
  };
  return { stream, told, count };
}

describe('a stream of a state', () => {
  it('begins with what is, and tells who waits of each change', async () => {
    const { stream, count } = aCounter();
    expect(await stream.next()).toEqual({ value: 0, done: false });
    const next = stream.next();
    count();
    expect(await next).toEqual({ value: 1, done: false });
  });

  it('tells a slow reader the newest alone', async () => {
    const { stream, count } = aCounter();
    await stream.next();
    for (let i = 0; i < 1_000; i++) count();
    expect(await stream.next()).toEqual({ value: 1_000, done: false });
    const next = stream.next();
    stream.changed();
    count();
    expect(await next).toEqual({ value: 1_001, done: false });
  });

  it('ends at once when its reader leaves, also while that one waits', async () => {
    const { stream, told } = aCounter();
    await stream.next();
    const next = stream.next();
    await stream.return();
    expect(await next).toEqual({ value: undefined, done: true });
    expect(await stream.next()).toEqual({ value: undefined, done: true });
    await stream.return();
    expect(told.left).toBe(1);
  });

  it('ends with an error that is told once, to who waits or to who comes next', async () => {
    const waited = aCounter();
    await waited.stream.next();
    const next = waited.stream.next();
    waited.stream.fail(new Error('gone'));
    await expect(next).rejects.toThrow('gone');
    expect(await waited.stream.next()).toEqual({ value: undefined, done: true });
    const late = aCounter();
    late.stream.fail(new Error('gone'));
    await expect(late.stream.next()).rejects.toThrow('gone');
    expect(await late.stream.next()).toEqual({ value: undefined, done: true });
    expect([waited.told.left, late.told.left]).toEqual([1, 1]);
  });

  it('fails when what is can not be said', async () => {
    const stream = new StateStream<number>({
      take: () => {
        throw new Error('no');
      },
      left: () => {},
    });
    await expect(stream.next()).rejects.toThrow('no');
  });

  it('has a cursor that no log has', () => {
    expect(readCursor(STATE_CURSOR)).toBeNull();
  });
});
