import { parse } from 'graphql';
import { expect, it } from 'vitest';
import { loadSupergraph } from './load.ts';
import { createPlanner } from './planner.ts';
import { anEstate } from './testing/estate.ts';
import { compose } from './testing/router.ts';

const loaded = loadSupergraph(compose(anEstate().sources, (name) => `http://localhost/${name}`));

function aPlanner() {
  let hits = 0;
  const { plan } = createPlanner(loaded, {
    random: () => 0,
    onPlan: (cached) => {
      if (cached) hits += 1;
    },
  });
  const ask = (queryHash: string, length: number) => {
    const text = `{ echo(text: "${'x'.repeat(length)}") }`;
    return plan({ document: parse(text), queryHash, operationName: null });
  };
  return { ask, hits: () => hits };
}

it('plans are kept by their weight: many small ones, few large ones', () => {
  const { ask, hits } = aPlanner();
  for (let round = 0; round < 2; round += 1) for (let id = 0; id < 100; id += 1) ask(`small ${id}`, 10);
  expect(hits()).toBe(100);
  for (let round = 0; round < 2; round += 1) for (let id = 0; id < 100; id += 1) ask(`large ${id}`, 30_000);
  expect(hits()).toBe(100);
});

it('a plan that would push out all others is not kept', () => {
  const { ask, hits } = aPlanner();
  ask('small', 10);
  ask('huge', 500_000);
  ask('huge', 500_000);
  expect(hits()).toBe(0);
  ask('small', 10);
  expect(hits()).toBe(1);
});
