import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

/** Raised when the command line is wrong; `message` names the option. */
export class UsageError extends Error {
  readonly code = 'USAGE';
}

export const USAGE = `simulators/main.ts: the simulated museum
  --state FILE          remember ports in FILE
  --appspace-port PORT  where the simulated Appspace listens (default: a free port)
  --count N             N displays instead of the museum
  --silent-percent P    P of a hundred displays never answer
  --no-story            nothing goes wrong by itself
  --seed N              another story (default 1)
  --log-level LEVEL     default info`;

const optionsSchema = z.object({
  state: z.string().min(1).optional(),
  count: z.coerce.number().int().min(1).max(20_000).optional(),
  'appspace-port': z.coerce.number().int().min(1).max(65_535).optional(),
  'silent-percent': z.coerce.number().min(0).max(100).default(0),
  'no-story': z.boolean().default(false),
  seed: z.coerce.number().int().min(0).max(1_000_000).default(1),
  'log-level': z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** @throws UsageError */
export function readOptions(args: string[]) {
  let values: unknown;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        state: { type: 'string' },
        count: { type: 'string' },
        'appspace-port': { type: 'string' },
        'silent-percent': { type: 'string' },
        'no-story': { type: 'boolean' },
        seed: { type: 'string' },
        'log-level': { type: 'string' },
      },
    }));
  } catch (err) {
    throw new UsageError(err instanceof Error ? err.message : String(err), { cause: err });
  }
  const parsed = optionsSchema.safeParse(values);
  if (!parsed.success) {
    throw new UsageError(parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`).join('\n'));
  }
  const options = parsed.data;
  return {
    stateFile:
      options.state === undefined || isAbsolute(options.state) ? (options.state ?? null) : resolve(options.state),
    ...(options['appspace-port'] !== undefined && { appspacePort: options['appspace-port'] }),
    count: options.count ?? null,
    silentPercent: options['silent-percent'],
    isStoryTold: !options['no-story'],
    seed: options.seed,
    logLevel: options['log-level'],
  };
}
