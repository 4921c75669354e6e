import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

// The files of the smallest system are run where tests/smallest-system.timed.test.ts puts them.
const IGNORED = ['**/node_modules/**', 'coverage/**', 'tests/smallest-system/**'];
const TIMED = '**/*.timed.test.ts';

export default defineConfig({
  resolve: {
    // Tests would load graphql as ESM and Apollo's packages as CommonJS: two copies, and `instanceof GraphQLSchema` fails.
    alias: [{ find: /^graphql$/, replacement: require.resolve('graphql') }],
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'parallel',
          include: ['**/*.test.ts'],
          exclude: [...IGNORED, TIMED],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // What these assert is time, or they load every core: they run one by one, when the others are done.
        extends: true,
        test: {
          name: 'timed',
          include: [TIMED],
          exclude: IGNORED,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    globalSetup: ['./tests/global-setup.ts'],
    // One fewer than there are cores is vitest's own choice: on two, everything would wait for everything.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    // What is waited for comes about in its own time on a busy machine: one second is vitest's own choice.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['{clients,contracts,kit,router,simulators,standalone,subgraphs}/**/*.ts'],
      exclude: ['**/*.test.ts', '**/generated/**'],
    },
  },
});
