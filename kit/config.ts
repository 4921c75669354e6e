import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';

/** The variables this process was started with; everything but a process's entry point gets its settings as an argument. */
export const environment: NodeJS.ProcessEnv = process.env;

/** Raised when settings are wrong; `message` lists every fault, one a line, each with the variable's name. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
}

/**
 * Settings read from environment variables, all checked at once.
 * An empty variable counts as unset, since compose files and shells write `NAME=` for "nothing". Where the shape has `NAME_FILE`
 * besides `NAME`, the value may stand in the file that it names, as Docker's secrets do.
 *
 * @throws ConfigError that names every faulty variable, and shows no value
 */
export function readConfig<T extends z.ZodRawShape>(
  shape: T,
  env: NodeJS.ProcessEnv = environment,
): z.infer<z.ZodObject<T>> {
  const present = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );
  const faults = new Map<string, string>();
  for (const fileName of Object.keys(shape).filter((name) => name.endsWith('_FILE') && name in present)) {
    const name = fileName.slice(0, -'_FILE'.length);
    const read =
      name in present ? { fault: `and ${name} are both set: one is enough` } : readSecretFile(present[fileName] ?? '');
    if ('fault' in read) faults.set(name, `  ${fileName}: ${read.fault}`);
    else present[name] = read.text;
  }
  const parsed = z.object(shape).safeParse(present);
  if (parsed.success && faults.size === 0) return parsed.data;
  for (const { path, message } of parsed.error?.issues ?? []) {
    const name = path.join('.');
    const file = `${name}_FILE` in shape ? present[`${name}_FILE`] : undefined;
    const text = file === undefined ? `  ${name}: ${message}` : `  ${name}_FILE: what is in ${file} ${message}`;
    if (!faults.has(name)) faults.set(name, text);
  }
  throw new ConfigError(`These settings are wrong:\n${[...faults.values()].join('\n')}`);
}

/** Far above any secret: a file that is larger is not the one that was meant. */
const MAX_SECRET_FILE_BYTES = 65_536;
/** Where container engines put secrets: nobody else is in there to read them, and Docker's own are readable by all (Compose specification, "secrets": mode 0444). */
const CONTAINER_SECRETS = '/run/secrets/';
const warnedOf = new Set<string>();

/** The text of a file without the line's end that editors and `echo` leave behind it, or what is wrong with the file. */
function readSecretFile(file: string): { text: string } | { fault: string } {
  let text: string;
  try {
    const { mode, size } = statSync(file);
    if (size > MAX_SECRET_FILE_BYTES) return { fault: `${file} has ${size} bytes, more than ${MAX_SECRET_FILE_BYTES}` };
    text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    if ((mode & 0o004) !== 0 && !file.startsWith(CONTAINER_SECRETS) && !warnedOf.has(file)) {
      warnedOf.add(file);
      process.emitWarning(`${file} holds a secret, and every user of this machine can read it: chmod 600 ${file}`, {
        type: 'SecretFileWarning',
      });
    }
  } catch (err) {
    const code = err instanceof Error && 'code' in err ? String(err.code) : String(err);
    return { fault: `${file} can't be read (${code})` };
  }
  return text === '' ? { fault: `${file} is empty` } : { text };
}

/** The path of a file that holds the value of the setting named before `_FILE`. */
export const secretFile = z.string().optional();

const keySetting = z.string().regex(/^[0-9a-f]{64}$/i, 'must be 32 bytes in hexadecimal (64 characters)');

/** Settings that every service reads; a service adds its own in its config.ts. */
export const serviceSettings = {
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL' }),
  /** Where the queues are kept; without it, in the database. All services that share a database have the same. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
  WHEELHOUSE_SERVICE_TOKEN: z.string().min(16, 'must have at least 16 characters'),
  /** Seals secrets at rest; all services that share a database have the same. */
  WHEELHOUSE_SECRET_KEY: keySetting,
  /** Opens what was sealed before the key was changed, and seals nothing. */
  WHEELHOUSE_SECRET_KEY_PREVIOUS: keySetting.optional(),
  /** The revision of the source that the image was built from, to be told to people. */
  WHEELHOUSE_REVISION: z.string().max(100, 'must have at most 100 characters').optional(),
  DATABASE_URL_FILE: secretFile,
  REDIS_URL_FILE: secretFile,
  WHEELHOUSE_SERVICE_TOKEN_FILE: secretFile,
  WHEELHOUSE_SECRET_KEY_FILE: secretFile,
  WHEELHOUSE_SECRET_KEY_PREVIOUS_FILE: secretFile,
  WHEELHOUSE_SWEEP_SECONDS: z.coerce.number().int().min(1).max(3600).default(60),
};

/** A TCP port; 0 asks the operating system for a free one. */
export const portSetting = (fallback: number) => z.coerce.number().int().min(0).max(65535).default(fallback);
