import { describe, expect, it } from 'vitest';
import { Flight, InFlight, shareKey } from './in-flight.ts';
import type { SubgraphResponse } from './subgraph-response.ts';

const aFlight = (): Flight => new Flight({ place: null, gone: () => ({}), onDeserted: () => {} });
const never = new AbortController().signal;

describe('the key that requests are shared by', () => {
  const URL = 'http://a/graphql';
  const key = (headers: Record<string, string>, body = '{}'): string => shareKey(URL, headers, body);

  it.each<[what: string, one: string, other: string]>([
    ['address', key({}), shareKey('http://b/graphql', {}, '{}')],
    ['body', key({}, '{"a":1}'), key({}, '{"a":2}')],
    ['authorization', key({ authorization: 'Bearer a' }), key({ authorization: 'Bearer b' })],
    ['authorization that one lacks', key({}), key({ authorization: '' })],
    ['header of any other name', key({ 'x-tenant': 'a' }), key({ 'x-tenant': 'b' })],
    ['header name', key({ 'x-a': '1' }), key({ 'x-b': '1' })],
    ['baggage, which may hold anything', key({ baggage: 'user=1' }), key({ baggage: 'user=2' })],
    ['a value that looks like two headers', key({ a: '1;b:1:2' }), key({ a: '1', b: '2' })],
    ['a value that looks like a body', key({ a: '1' }, '{}'), key({ a: '1;{}' }, '')],
  ])('differs by %s', (_what, one, other) => {
    expect(one).not.toBe(other);
  });

  it('is the same whatever identifies the trace', () => {
    const trace = (n: number) => ({ 'x-request-id': `${n}`, traceparent: `00-${n}`, tracestate: `a=${n}` });
    expect(key({ authorization: 'Bearer a', ...trace(1) })).toBe(key({ authorization: 'Bearer a', ...trace(2) }));
  });
});

describe('takers of one flight', () => {
  it('each have a response that shares nothing with another', async () => {
    const flight = aFlight();
    const answers = [flight.join(never), flight.join(never), flight.join(never)];
    const sent = (): SubgraphResponse => ({
      data: { list: [{ id: 1, tags: ['x', [null, { deep: true }]] }, null], empty: {}, none: null },
      errors: [{ message: 'm', path: ['list', 0], extensions: { code: 'X' } }],
    });
    flight.settle(sent());
    const taken = await Promise.all(answers);
    expect(taken).toEqual([sent(), sent(), sent()]);
    const objects = new Set<unknown>();
    let count = 0;
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      count += 1;
      objects.add(value);
      Object.values(value).forEach(collect);
    };
    taken.forEach(collect);
    expect(objects.size).toBe(count);
  });

  it('have theirs also when it is nested beyond the stack, or has a field named __proto__', async () => {
    const flight = aFlight();
    const answers = [flight.join(never), flight.join(never)];
    flight.settle(JSON.parse(`{"data":{"__proto__":{"a":1},"b":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`));
    const [, copy] = await Promise.all(answers);
    expect(Object.getPrototypeOf(copy?.data)).toBe(Object.prototype);
    expect(Object.keys(copy?.data ?? {})).toEqual(['__proto__', 'b']);
  });
});

describe('queries in flight', () => {
  it('are found by their key, however many there are, until they are over', () => {
    const inFlight = new InFlight();
    const keys = Array.from({ length: 10_000 }, (_, index) => shareKey('u', {}, `{"variables":{"id":${index}}}`));
    const flights = keys.map((key) => ({ key, flight: aFlight() }));
    const lands = flights.map(({ key, flight }) => inFlight.add(key, flight));
    expect(flights.every(({ key, flight }) => inFlight.find(key) === flight)).toBe(true);
    for (const [index, land] of lands.entries()) if (index % 3 !== 0) land();
    expect(flights.every(({ key, flight }, index) => inFlight.find(key) === (index % 3 === 0 ? flight : null))).toBe(
      true,
    );
  });

  it('are not found after a mutation, though those that came later are', () => {
    const inFlight = new InFlight();
    const land = inFlight.add('a', aFlight());
    inFlight.forget();
    expect(inFlight.find('a')).toBeNull();
    const later = aFlight();
    inFlight.add('a', later);
    land();
    expect(inFlight.find('a')).toBe(later);
  });
});
