import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

export default defineConfig({
  resolve: {
    // Tests would load graphql as ESM and Apollo's packages as CommonJS: two copies, and `instanceof GraphQLSchema` fails.
    alias: [{ find: /^graphql$/, replacement: require.resolve('graphql') }],
  },
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', 'coverage/**'],
    globalSetup: ['./tests/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['{contracts,kit,router,simulators,standalone,subgraphs}/**/*.ts'],
      exclude: ['**/*.test.ts', '**/generated/**'],
    },
  },
});
