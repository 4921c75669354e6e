import { globSync, readFileSync } from 'node:fs';
import { readRouterConfig } from '@wheelhouse/router/config.ts';
import { createCostEstimate } from '@wheelhouse/router/cost/estimate.ts';
import { readWeights } from '@wheelhouse/router/cost/weights.ts';
import { loadSupergraph } from '@wheelhouse/router/load.ts';
import { documentPlanWeight, sharedEntities } from '@wheelhouse/router/plan-weight.ts';
import { createPlanner } from '@wheelhouse/router/planner.ts';
import { EXAMPLE_QUERY } from '@wheelhouse/standalone/example-query.ts';
import { type DocumentNode, Kind, parse, print, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { apiSchema, operations, withoutMissing } from './client-operations.ts';

const supergraph = readFileSync(new URL('../supergraph.graphql', import.meta.url), 'utf8');
const { maxCost, maxPlanWeight } = readRouterConfig({});
const estimate = createCostEstimate(apiSchema, readWeights(parse(supergraph)));
const loaded = loadSupergraph(supergraph);
const planner = createPlanner(loaded, { random: Math.random });

const costOf = (document: DocumentNode, variables: Record<string, unknown> = {}): number => {
  const costs = document.definitions.map((node) =>
    node.kind === Kind.OPERATION_DEFINITION ? estimate(document, node, variables) : 0,
  );
  return Math.max(...costs);
};
const entities = sharedEntities(loaded.document);
const weightOf = (document: DocumentNode): number => documentPlanWeight(apiSchema, entities, document);
const plan = (query: string): void => {
  planner.plan({ document: parse(query), queryHash: query, operationName: null });
};

const ofClients = [...operations].flatMap(([name, document]): [string, DocumentNode][] => {
  try {
    return [[name, parse(withoutMissing(document, apiSchema))]];
  } catch {
    // Nothing of it is there yet.
    return [];
  }
});
const ofPages = globSync('{README.md,docs/**/*.md,clients/*/*.md}', { cwd: new URL('..', import.meta.url) }).flatMap(
  (page) => {
    const text = readFileSync(new URL(`../${page}`, import.meta.url), 'utf8');
    return [...text.matchAll(/^```graphql\n(.*?)^```$/gms)].map(([, query = '']): [string, DocumentNode] => [
      `${page}: ${query.trim().split('\n', 1)[0]}`,
      parse(query),
    ]);
  },
);
const all: [string, DocumentNode][] = [...ofClients, ...ofPages, ['GraphiQL', parse(EXAMPLE_QUERY)]];

describe('what clients are told to ask', () => {
  it('costs no more than an operation may, with a thousand devices to the page', () => {
    const costs = all.map(([name, document]) => ({ name, cost: costOf(document, { first: 1_000 }) }));
    expect(costs.length).toBeGreaterThan(30);
    expect(costs.filter(({ cost }) => cost > maxCost)).toEqual([]);
  });

  it('is easy to plan', () => {
    const weights = all.map(([name, document]) => ({ name, weight: weightOf(document) }));
    expect(weights.filter(({ weight }) => weight > maxPlanWeight / 10)).toEqual([]);
  });

  it('can be planned', () => {
    for (const [, document] of all) {
      if (validate(apiSchema, document).length > 0) continue;
      for (const node of document.definitions) {
        if (node.kind !== Kind.OPERATION_DEFINITION) continue;
        expect(() =>
          planner.plan({ document, queryHash: print(document), operationName: node.name?.value ?? null }),
        ).not.toThrow();
      }
    }
  });
});

const aliased = (count: number, field: string): string =>
  `{ ${Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')} }`;
const again = (times: number): string =>
  times === 0 ? 'name' : `settingsChanges(first: 1) { nodes { device { ${again(times - 1)} } } }`;

describe('what would keep the estate busy costs too much', () => {
  it.each([
    ['a long list under many names', aliased(48, 'devices(first: 1000) { nodes { name } }')],
    ['lists within lists', '{ devices(first: 1000) { nodes { parents { parents { parents { name } } } } } }'],
    ['pages within pages', '{ devices(first: 1000) { nodes { settingsChanges(first: 1000) { nodes { id } } } } }'],
  ])('%s', (_what, query) => {
    expect(validate(apiSchema, parse(query))).toEqual([]);
    expect(costOf(parse(query))).toBeGreaterThan(maxCost);
  });
});

describe('what would keep the planner busy is too hard to plan', () => {
  const dear =
    '... on FidaDisplay { model } ... on AudioCore { platform } asOf(at: "2026-01-01T00:00:00.000Z") { name }';
  const parents = (depth: number): string => (depth === 0 ? dear : `${dear} parents { ${parents(depth - 1)} }`);
  it.each([
    ['48 names of what comes back to its interface twice', aliased(48, `device(id: "x") { ${again(2)} }`)],
    ['what comes back three times', `{ device(id: "x") { ${again(3)} } }`],
    ['48 names of a chain', aliased(48, `device(id: "x") { ${parents(4)} }`)],
  ])('%s', (_what, query) => {
    expect(validate(apiSchema, parse(query))).toEqual([]);
    expect(weightOf(parse(query))).toBeGreaterThan(maxPlanWeight);
  });

  it('48 devices by their ids are not', () => {
    expect(weightOf(parse(aliased(48, `device(id: "x") { ${dear} }`)))).toBe(48);
  });

  it.each([4, 9])('what comes back %s times is given up by the planner, too, before it fills the heap', (times) => {
    expect(() => plan(`{ device(id: "x") { ${again(times)} } }`)).toThrow(/too hard to plan/);
  });
});
