import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

// The files of the smallest system are run where tests/smallest-system.heavy.test.ts puts them.
const IGNORED = ['**/node_modules/**', 'coverage/**', 'tests/smallest-system/**'];
const TIMED = '**/*.timed.test.ts';
const HEAVY = '**/*.heavy.test.ts';
/** Kept from run to run; Node takes nothing from it that has changed since. */
const COMPILE_CACHE = fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

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
          exclude: [...IGNORED, HEAVY, TIMED],
          sequence: { groupOrder: 0 },
          // Half of what they do is waiting: for a process, a lock, a tick.
          maxWorkers: Math.ceil(availableParallelism() * 1.5),
        },
      },
      {
        // They start dozens of processes each, and would make all others wait. What they wait for may take its time.
        extends: true,
        test: {
          name: 'heavy',
          include: [HEAVY],
          exclude: IGNORED,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        // What these assert is time: they run one by one, when the others are done.
        extends: true,
        test: {
          name: 'timed',
          include: [TIMED],
          exclude: IGNORED,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    globalSetup: ['./tests/global-setup.ts'],
    // For the processes that tests start: each compiles the same files.
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE },
    testTimeout: 120_000,
    // What is waited for comes about in its own time on a busy machine: one second is vitest's own choice.
    expect: { poll: { timeout: 40_000 } },
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['{clients,contracts,kit,router,simulators,standalone,subgraphs}/**/*.ts'],
      exclude: ['**/*.test.ts', '**/generated/**'],
    },
  },
});
