import { describe, expect, it } from 'vitest';
import { type EventSink, EventStream } from './event-stream.ts';

const aStream = (
  overrides: { capacity?: number; parallel?: number; process?: (event: number) => Promise<string> } = {},
) => {
  const sinks: EventSink<number>[] = [];
  let freed = 0;
  const stream = new EventStream<number, string>({
    open: (sink) => {
      sinks.push(sink);
      return () => {
        freed += 1;
      };
    },
    process: async (event) => `result ${event}`,
    capacity: 3,
    parallel: 2,
    ...overrides,
  });
  const [sink] = sinks;
  if (sink === undefined) throw new Error('the source was not opened');
  return { stream, sink, freed: () => freed };
};

const drain = async (stream: AsyncIterable<string>): Promise<string[]> => {
  const results: string[] = [];
  for await (const result of stream) results.push(result);
  return results;
};

describe('an event stream', () => {
  it('delivers what waited before its source ended', async () => {
    const { stream, sink, freed } = aStream();
    sink.event(1);
    sink.event(2);
    sink.end();
    expect(await drain(stream)).toEqual(['result 1', 'result 2']);
    expect(freed()).toBe(1);
  });

  it('keeps the order of events when later ones are ready first, and processes no more than it may', async () => {
    const pending = new Map<number, PromiseWithResolvers<string>>();
    const { stream, sink } = aStream({
      process: (event) => {
        const deferred = Promise.withResolvers<string>();
        pending.set(event, deferred);
        return deferred.promise;
      },
    });
    for (const event of [1, 2, 3]) sink.event(event);
    sink.end();
    expect([...pending.keys()]).toEqual([1, 2]);
    const results = drain(stream);
    pending.get(2)?.resolve('second');
    await Promise.resolve();
    pending.get(1)?.resolve('first');
    await expect.poll(() => pending.has(3)).toBe(true);
    pending.get(3)?.resolve('third');
    expect(await results).toEqual(['first', 'second', 'third']);
  });

  it('frees its source at once when the subscriber leaves while it waits for an event', async () => {
    const { stream, sink, freed } = aStream();
    const waiting = stream.next();
    await stream.return();
    expect(freed()).toBe(1);
    expect(await waiting).toEqual({ done: true, value: undefined });
    sink.event(1);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(freed()).toBe(1);
  });

  it('takes as many events as it may hold, and at one more delivers them and ends with SLOW_CONSUMER', async () => {
    const { stream, sink, freed } = aStream();
    for (const event of [1, 2, 3]) sink.event(event);
    expect(freed()).toBe(0);
    sink.event(4);
    expect(freed()).toBe(1);
    for (const event of [1, 2, 3]) expect(await stream.next()).toEqual({ done: false, value: `result ${event}` });
    await expect(stream.next()).rejects.toMatchObject({ extensions: { code: 'SLOW_CONSUMER' } });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('tells the error of its source once, after the events before it', async () => {
    const { stream, sink } = aStream();
    sink.event(1);
    sink.end(new Error('the source broke'));
    expect(await stream.next()).toEqual({ done: false, value: 'result 1' });
    await expect(stream.next()).rejects.toThrow('the source broke');
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('frees a source that fails while it is being opened', async () => {
    let freed = 0;
    const stream = new EventStream<number, string>({
      open: (sink) => {
        sink.end(new Error('no'));
        return () => {
          freed += 1;
        };
      },
      process: async () => '',
      capacity: 1,
      parallel: 1,
    });
    expect(freed).toBe(1);
    await expect(stream.next()).rejects.toThrow('no');
  });
});
