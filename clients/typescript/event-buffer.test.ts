import { describe, expect, it } from 'vitest';
import { EventBuffer } from './event-buffer.ts';

function aBuffer() {
  const taken: number[] = [];
  let left = 0;
  const buffer = new EventBuffer<number>({
    taken: (event) => taken.push(event),
    left: () => {
      left += 1;
    },
  });
  return { buffer, taken, left: () => left };
}
const DONE = { done: true, value: undefined };

describe('a buffer', () => {
  it('hands out what waits in order, and reports each event as it goes', async () => {
    const { buffer, taken } = aBuffer();
    buffer.push(1);
    buffer.push(2);
    expect(buffer.size).toBe(2);
    expect(await buffer.next()).toEqual({ done: false, value: 1 });
    expect(taken).toEqual([1]);
  });

  it('gives each of several readers an event of its own', async () => {
    const { buffer } = aBuffer();
    const reads = [buffer.next(), buffer.next(), buffer.next()];
    buffer.push(1);
    buffer.push(2);
    buffer.end();
    expect(await Promise.all(reads)).toEqual([{ done: false, value: 1 }, { done: false, value: 2 }, DONE]);
  });

  it('tells its error once, after what waits', async () => {
    const { buffer } = aBuffer();
    buffer.push(1);
    buffer.end(new Error('over'));
    buffer.push(2);
    expect(await buffer.next()).toEqual({ done: false, value: 1 });
    await expect(buffer.next()).rejects.toThrow('over');
    expect(await buffer.next()).toEqual(DONE);
  });

  it('is left at once, with what waits dropped, also by a reader who is waiting', async () => {
    const { buffer, left } = aBuffer();
    const waiting = buffer.next();
    expect(await buffer.return()).toEqual(DONE);
    expect(await waiting).toEqual(DONE);
    buffer.push(1);
    expect(buffer.size).toBe(0);
    expect(left()).toBe(1);
    await expect(buffer.throw(new Error('mine'))).rejects.toThrow('mine');
  });

  it('is drained at a size, and caught up when its reader asks for more', async () => {
    const { buffer } = aBuffer();
    const reached: string[] = [];
    for (const event of [1, 2, 3]) buffer.push(event);
    void buffer.drained(1).then(() => reached.push('drained'));
    void buffer.caughtUp().then(() => reached.push('caught up'));
    await buffer.next();
    expect(reached).toEqual([]);
    await buffer.next();
    expect(reached).toEqual(['drained']);
    await buffer.next();
    expect(reached).toEqual(['drained']);
    const waiting = buffer.next();
    await Promise.resolve();
    expect(reached).toEqual(['drained', 'caught up']);
    buffer.end();
    expect(await waiting).toEqual(DONE);
  });

  it('lets nobody wait for a reader who has gone', async () => {
    const { buffer } = aBuffer();
    buffer.push(1);
    const waits = Promise.all([buffer.drained(0), buffer.caughtUp()]);
    await buffer.return();
    await waits;
  });
});
