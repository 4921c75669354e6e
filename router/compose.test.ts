import { describe, expect, it } from 'vitest';
import { CompositionError, composeSupergraph } from './compose.ts';
import { composeFolder } from './compose-file.ts';
import { loadSupergraph } from './load.ts';
import { sdlOf } from './testing/subgraph.ts';

const subgraph = (name: string, typeDefs: string) => ({
  name,
  url: `http://${name}:4000/graphql`,
  sdl: sdlOf({ typeDefs }),
});

const faultsOf = (...subgraphs: ReturnType<typeof subgraph>[]): string => {
  try {
    composeSupergraph(subgraphs);
    return '';
  } catch (err) {
    if (err instanceof CompositionError) return err.message;
    throw err;
  }
};

describe('subgraphs', () => {
  it('that fit make a supergraph that the router can load', () => {
    const { supergraphSdl } = composeSupergraph([
      subgraph('devices', 'type Query { hall: Hall } type Hall @key(fields: "id") { id: ID! }'),
      subgraph('fida', 'type Hall @key(fields: "id") { id: ID! lamp: Int }'),
    ]);
    expect(loadSupergraph(supergraphSdl).subgraphs.map(({ name, url }) => `${name} ${url}`)).toEqual([
      'devices http://devices:4000/graphql',
      'fida http://fida:4000/graphql',
    ]);
  });

  it('that contradict each other are refused with code, message, and every place', () => {
    const faults = faultsOf(
      subgraph('devices', 'type Query { hall: Int }'),
      subgraph('fida', 'type Query { hall: String other: Int }'),
    );
    expect(faults).toMatch(/FIELD_TYPE_MISMATCH|INVALID_FIELD_SHARING/);
    expect(faults).toMatch(/in devices, line \d+, column \d+/);
    expect(faults).toMatch(/in fida, line \d+, column \d+/);
  });

  it('that only draw a hint are refused as well', () => {
    const faults = faultsOf(
      subgraph('devices', 'type Query { find(by: By): Int } input By { name: String }'),
      subgraph('fida', 'type Query { seek(by: By): Int } input By { name: String place: String }'),
    );
    expect(faults).toMatch(/\(hint\)/);
    expect(faults).toContain('By');
  });

  it('with a syntax error are named with the place', () => {
    expect(faultsOf({ name: 'fida', url: 'http://fida', sdl: 'type Query {\n  hall Int\n}' })).toMatch(
      /SYNTAX: .*Expected ":".*\n +in fida, line 2, column 8/,
    );
  });
});

it('the subgraphs of this repository compose without a fault', async () => {
  const sdl = await composeFolder(new URL('../subgraphs/', import.meta.url));
  expect(loadSupergraph(sdl).subgraphs.length).toBeGreaterThan(0);
});
