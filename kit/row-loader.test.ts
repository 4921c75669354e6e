import { expect, it } from 'vitest';
import { rowLoader } from './row-loader.ts';

it('rows of one turn are found at once, each under its id, and none is kept', async () => {
  const asked: (readonly string[])[] = [];
  const rows = new Map([['a', { id: 'a', value: 1 }]]);
  const loader = rowLoader(
    (ids) => {
      asked.push(ids);
      return Promise.resolve([...rows.values()]);
    },
    ({ id }) => id,
  );
  expect(await Promise.all([loader.load('nothing'), loader.load('a')])).toEqual([null, { id: 'a', value: 1 }]);
  rows.set('a', { id: 'a', value: 2 });
  expect(await loader.load('a')).toEqual({ id: 'a', value: 2 });
  expect(asked).toEqual([['nothing', 'a'], ['a']]);
});
