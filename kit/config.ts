import { z } from 'zod';

/** The variables this process was started with; everything but a process's entry point gets its settings as an argument. */
export const environment: NodeJS.ProcessEnv = process.env;

/** Raised when settings are wrong; `message` lists every fault, one a line, each with the variable's name. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
}

/**
 * Settings read from environment variables, all checked at once.
 * An empty variable counts as unset, since compose files and shells write `NAME=` for "nothing".
 *
 * @throws ConfigError that names every faulty variable
 */
export function readConfig<T extends z.ZodRawShape>(
  shape: T,
  env: NodeJS.ProcessEnv = environment,
): z.infer<z.ZodObject<T>> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = z.object(shape).safeParse(present);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new ConfigError(`These settings are wrong:\n${faults.join('\n')}`);
}

/** Settings that every service reads; a service adds its own in its config.ts. */
export const serviceSettings = {
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  /** Where the queues are kept; without it, in the database. All services that share a database have the same. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
  WHEELHOUSE_SERVICE_TOKEN: z.string().min(16, 'must have at least 16 characters'),
  /** Seals secrets at rest; all services that share a database have the same. */
  WHEELHOUSE_SECRET_KEY: z.string().regex(/^[0-9a-f]{64}$/i, 'must be 32 bytes in hexadecimal (64 characters)'),
  WHEELHOUSE_SWEEP_SECONDS: z.coerce.number().int().min(1).max(3600).default(60),
};

/** A TCP port; 0 asks the operating system for a free one. */
export const portSetting = (fallback: number) => z.coerce.number().int().min(0).max(65535).default(fallback);
