import { describe, expect, it } from 'vitest';
import { MAX_ITEMS, subjectLoader } from './loaders.ts';

const subjects = (count: number): string[] => Array.from({ length: count }, (_, index) => `s${index}`);

describe('a loader of many subjects', () => {
  /** The questions that came through, and a loader of as many items as each asks for. */
  const openLoader = () => {
    const asked: [subjects: number, items: number][] = [];
    const loader = subjectLoader<{ items: number }, string>(
      async (loaded, { items }) => {
        asked.push([loaded.length, items]);
        return new Map(loaded.map((subject) => [subject, `${items} of ${subject}`]));
      },
      () => 'none',
      { what: 'items', of: ({ items }) => items, field: 'first' },
    );
    const load = (count: number, items: number) =>
      Promise.allSettled(subjects(count).map((subject) => loader.load(subject, { items })));
    return { asked, load };
  };

  it('asks once for all that ask alike', async () => {
    const { asked, load } = openLoader();
    const loaded = await Promise.all([load(3, 10), load(2, 20)]);
    expect(asked).toEqual([
      [3, 10],
      [2, 20],
    ]);
    expect(loaded[1]).toMatchObject([{ value: '20 of s0' }, { value: '20 of s1' }]);
  });

  it('gives as many items as one answer may have, and no more', async () => {
    expect((await openLoader().load(1_000, MAX_ITEMS / 1_000)).every(({ status }) => status === 'fulfilled')).toBe(
      true,
    );
    const [refused] = await openLoader().load(1_000, MAX_ITEMS / 1_000 + 1);
    expect(refused).toMatchObject({
      status: 'rejected',
      reason: {
        message:
          'the request asks for 51000 items, over all its devices and aliases, and 50000 are the most: ask for fewer',
        extensions: { code: 'BAD_USER_INPUT', field: 'first' },
      },
    });
  });

  it('counts what one request asks for under several names, and refuses what is too much alone', async () => {
    const { asked, load } = openLoader();
    const [first, second] = await Promise.all([load(400, 100), load(300, 50)]);
    expect([first[0]?.status, second[0]?.status]).toEqual(['fulfilled', 'rejected']);
    expect(asked).toEqual([[400, 100]]);
  });
});
