import { describe, expect, it } from 'vitest';
import { mapStream } from './subscription-results.ts';

const DONE = { value: undefined, done: true };

/** A source of numbers whose `return()` is counted; it waits for ever behind the last one, until it is returned. */
function numbers(last: number) {
  let sent = 0;
  const ended = Promise.withResolvers<IteratorResult<number>>();
  const source = {
    returned: 0,
    next: (): Promise<IteratorResult<number>> => {
      if (sent === last) return ended.promise;
      sent += 1;
      return Promise.resolve({ value: sent, done: false });
    },
    return: (): Promise<IteratorResult<number>> => {
      source.returned += 1;
      ended.resolve({ value: undefined, done: true });
      return Promise.resolve({ value: undefined, done: true });
    },
  };
  return source;
}
const boxed = (number: number) => ({ number });
const wrapped = (err: unknown): Error => new Error(`failed: ${err instanceof Error ? err.message : err}`);

describe('a mapped stream', () => {
  it('maps item by item, in order, also where mapping takes its time', async () => {
    const slowFirst = (number: number) =>
      number === 1 ? new Promise<{ number: number }>((resolve) => setImmediate(resolve, { number })) : { number };
    const stream = mapStream(numbers(3), slowFirst, wrapped);
    const seen = [await stream.next(), await stream.next(), await stream.next()];
    expect(seen.map(({ value }) => value)).toEqual([1, 2, 3].map(boxed));
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('ends with an error and frees the source when the mapping %s', async (_how, map) => {
    const source = numbers(2);
    const stream = mapStream(source, map, wrapped);
    await expect(stream.next()).rejects.toThrow('failed: no');
    expect(source.returned).toBe(1);
    expect(await stream.next()).toEqual(DONE);
  });

  it('ends with an error when the source fails, also when that one never answers to its end', async () => {
    const source = { next: () => Promise.reject(new Error('away')), return: () => new Promise<never>(() => {}) };
    const stream = mapStream(source, boxed, wrapped);
    await expect(stream.next()).rejects.toThrow('failed: away');
    expect(await stream.next()).toEqual(DONE);
  });

  it('ends at once while it waits for the source', async () => {
    const source = numbers(0);
    const stream = mapStream(source, boxed, wrapped);
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual(DONE);
    expect(source.returned).toBe(1);
  });

  it('gives nothing that was still being mapped when it was ended', async () => {
    const mapping = Promise.withResolvers<{ number: number }>();
    const stream = mapStream(numbers(1), () => mapping.promise, wrapped);
    const waiting = stream.next();
    await stream.return?.();
    mapping.resolve({ number: 1 });
    expect(await waiting).toEqual(DONE);
  });
});
