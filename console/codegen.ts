import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Supergraph } from '@apollo/federation-internals';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { printSchema } from 'graphql';

const HERE = new URL('./', import.meta.url);

/** The graph as clients see it: the console is one, and knows nothing that others don't. */
function apiSchemaText(): string {
  const supergraph = readFileSync(new URL('../supergraph.graphql', HERE), 'utf8');
  return printSchema(Supergraph.build(supergraph, { supportedFeatures: null }).apiSchema().toGraphQLJSSchema());
}

/** The folders right within one, by their path from console/. */
const foldersIn = (folder: string): string[] =>
  existsSync(new URL(`${folder}/`, HERE))
    ? readdirSync(new URL(`${folder}/`, HERE)).map((name) => `${folder}/${name}`)
    : [];

/** Folders that ask the graph something: those with an operations.graphql, by their path from console/. */
const pageFolders = foldersIn('pages');
const asking = ['data', ...pageFolders, ...pageFolders.flatMap((page) => foldersIn(`${page}/sections`))].filter(
  (folder) => existsSync(new URL(`${folder}/operations.graphql`, HERE)),
);

/**
 * What the console's types are generated from and to. Each folder has documents of its own, so that the first page does not load
 * those of all; `data/fragments.graphql` may be spread by all of them.
 */
export function consoleTargets(): CodegenConfig['generates'] {
  const schema = apiSchemaText();
  const fragments = 'console/data/fragments.graphql';
  const targets = asking.map((folder): [string, CodegenConfig['generates'][string]] => [
    `console/generated/${folder.replace('pages/', '')}/`,
    {
      schema,
      documents: [`console/${folder}/operations.graphql`, fragments],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        scalars: { DateTime: 'string', Date: 'string', Decimal: 'string', JSON: 'unknown', ID: 'string' },
        enumsAsTypes: true,
        useTypeImports: true,
        defaultScalarType: 'unknown',
        immutableTypes: true,
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
      },
    },
  ]);
  return {
    ...Object.fromEntries(targets),
    'console/generated/possible-types.ts': {
      schema,
      plugins: ['fragment-matcher'],
      config: { useExplicitTyping: false },
    },
  };
}

// The build of the console needs no more than this (console/build.ts); codegen.ts at the root generates it with all the rest.
const config: CodegenConfig = { generates: consoleTargets() };
export default config;
