import { describe, expect, it } from 'vitest';
import { decodeKey, encodeKey, MAX_PAGE, pageOf, pageSize } from './connection.ts';

describe('a page', () => {
  it.each([
    [undefined, 50],
    [null, 50],
    [1, 1],
    [MAX_PAGE, MAX_PAGE],
  ])('asked for with first: %s holds up to %s', (first, size) => {
    expect(pageSize(first)).toBe(size);
  });

  it.each([0, -1, MAX_PAGE + 1])('is refused for first: %s, naming the field and its limits', (first) => {
    expect(() => pageSize(first)).toThrow(
      expect.objectContaining({
        message: `first must be 1 to 1000, and is ${first}`,
        extensions: { code: 'BAD_USER_INPUT', field: 'first' },
      }),
    );
  });

  it('has a next page exactly when one row more was read', () => {
    const cursorOf = (node: number): string => `c${node}`;
    expect(pageOf([1, 2, 3], 2, cursorOf)).toEqual({
      nodes: [1, 2],
      edges: [
        { cursor: 'c1', node: 1 },
        { cursor: 'c2', node: 2 },
      ],
      pageInfo: { hasNextPage: true, endCursor: 'c2' },
    });
    expect(pageOf([1, 2], 2, cursorOf).pageInfo).toEqual({ hasNextPage: false, endCursor: 'c2' });
    expect(pageOf([], 2, cursorOf).pageInfo).toEqual({ hasNextPage: false, endCursor: null });
  });
});

describe('a cursor of a list', () => {
  it('gives back the sort key that it was made of', () => {
    const key = ['museum/hall', 'a "name", with \\ and ü', 'id'];
    expect(decodeKey(encodeKey(key), 3)).toEqual(key);
    expect(decodeKey(null, 3)).toBeNull();
    expect(decodeKey(undefined, 3)).toBeNull();
  });

  it.each([
    ['no base64', '%%%'],
    ['empty text', ''],
    ['text that is not JSON', Buffer.from('hello').toString('base64url')],
    ['a key of another list', encodeKey(['one'])],
    ['a key of numbers', Buffer.from('[1,2,3]').toString('base64url')],
    ['an object', Buffer.from('{"length":3}').toString('base64url')],
  ])('is refused when it is %s', (_name, cursor) => {
    expect(() => decodeKey(cursor, 3)).toThrow(
      expect.objectContaining({ extensions: { code: 'CURSOR_INVALID', field: 'after' } }),
    );
  });
});
