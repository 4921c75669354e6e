import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { STATE_CURSOR, StateStream } from './state-stream.ts';
import { mapStream, resultsOf } from './subscription-results.ts';

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

  describe('whose mapping waits', () => {
    /** Numbers that are at hand, and the mappings that have begun. */
    function atHand(count: number) {
      const source = { ...numbers(count), ready: (): number | null => null };
      let taken = 0;
      source.next = () => Promise.resolve({ value: ++taken, done: false });
      source.ready = () => (taken === count ? null : ++taken);
      return source;
    }

    it('begins with all that is at hand, a hundred ahead at most, and keeps the order', async () => {
      const begun: PromiseWithResolvers<{ number: number }>[] = [];
      const map = () => {
        const mapping = Promise.withResolvers<{ number: number }>();
        begun.push(mapping);
        return mapping.promise;
      };
      const stream = mapStream(atHand(250), map, wrapped);
      const first = stream.next();
      await expect.poll(() => begun.length).toBe(101);
      for (const [index, { resolve }] of [...begun.entries()].reverse()) resolve({ number: index + 1 });
      const seen = [await first];
      while (seen.length < 101) seen.push(await stream.next());
      expect(seen.map(({ value }) => value)).toEqual(Array.from({ length: 101 }, (_, index) => boxed(index + 1)));
      expect(begun).toHaveLength(101);
      await stream.return?.();
    });

    it('gives what came before one that fails, then ends with the error', async () => {
      const map = async (number: number) => {
        if (number === 3) throw new Error('no');
        return { number };
      };
      const stream = mapStream(atHand(5), map, wrapped);
      expect([await stream.next(), await stream.next()].map(({ value }) => value)).toEqual([1, 2].map(boxed));
      await expect(stream.next()).rejects.toThrow('failed: no');
      expect(await stream.next()).toEqual(DONE);
    });

    it('gives nothing more when it was ended', async () => {
      const stream = mapStream(atHand(5), async (number: number) => ({ number }), wrapped);
      await stream.next();
      await stream.return?.();
      expect(await stream.next()).toEqual(DONE);
    });
  });
});

describe('the results of a stream of a state', () => {
  const schema = buildSchema('type Query { a: Int } type Subscription { now: Int }');
  const resultsWith = async (isResumable: boolean) => {
    let hasBegun = false;
    const source = new StateStream({
      take: () => {
        if (hasBegun) return null;
        hasBegun = true;
        return { now: 7 };
      },
      left: () => {},
    });
    const options = { isResumable, failureOf: wrapped };
    const results = resultsOf(source, { schema, document: parse('subscription { now }') }, options);
    const first = await results.next();
    const next = results.next();
    source.fail(new Error('gone'));
    await expect(next).rejects.toThrow('failed: gone');
    return first.value;
  };

  it('have the one cursor of states for who asked for cursors, and none for others; its failure ends them', async () => {
    expect(await resultsWith(true)).toEqual({ data: { now: 7 }, extensions: { cursor: STATE_CURSOR } });
    expect(await resultsWith(false)).toEqual({ data: { now: 7 } });
  });
});
