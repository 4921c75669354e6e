import { readdirSync, readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { Kind, parse } from 'graphql';
import { consoleTargets } from './console/codegen.ts';

const root = new URL('./subgraphs/', import.meta.url);

/**
 * The type that stands behind each GraphQL type of a subgraph: its shapes.ts exports `<Type>Shape`. An interface's shape stands
 * behind its object types as well.
 */
function shapesOf(name: string, sdl: string): Record<string, string> {
  const source = readFileSync(new URL(`${name}/shapes.ts`, root), 'utf8');
  const shapes = [...source.matchAll(/^export type (\w+)Shape\b/gm)].flatMap(([, type]) =>
    type === undefined ? [] : [type],
  );
  const mappers = Object.fromEntries(shapes.map((type) => [type, `../shapes.ts#${type}Shape`]));
  for (const definition of parse(sdl).definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const shape = definition.interfaces
      ?.map((implemented) => mappers[implemented.name.value])
      .find((found) => found !== undefined);
    if (shape !== undefined) mappers[definition.name.value] ??= shape;
  }
  return mappers;
}

const targets = readdirSync(root).map(async (name): Promise<[string, CodegenConfig['generates'][string]]> => {
  const sdl = await readSubgraphSdl(new URL(`${name}/`, root));
  return [
    `subgraphs/${name}/generated/types.ts`,
    {
      schema: sdl,
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        federation: true,
        // The SDL links Federation 2 itself; without this, definitions of version 1 would be added.
        disableFederationDirectiveAndScalarInjection: true,
        contextType: '../context.ts#Context',
        mappers: shapesOf(name, sdl),
        scalars: { DateTime: { input: 'Date', output: 'Date' }, ID: 'string' },
        enumsAsTypes: true,
        useTypeImports: true,
        immutableTypes: true,
        defaultScalarType: 'unknown',
        maybeValue: 'T | null | undefined',
        useIndexSignature: true,
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
      },
    },
  ];
});

const config: CodegenConfig = { generates: { ...Object.fromEntries(await Promise.all(targets)), ...consoleTargets() } };
export default config;
