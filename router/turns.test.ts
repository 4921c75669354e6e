import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createTurns } from './turns.ts';

it('each caller begins one thing a turn, in order, and none waits for another', async () => {
  const turns = createTurns();
  const begun: string[] = [];
  const begin = async (caller: string, what: string): Promise<void> => {
    await turns(caller);
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
  expect(turns('a')).toBeNull();
});
