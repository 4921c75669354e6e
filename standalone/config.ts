import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, environment, portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Where everything listens but the router. */
export const LOOPBACK = '127.0.0.1';

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/.test(host);

/** What somebody who has not signed in may be allowed to do where others than this machine's users reach the graph. */
const HARMLESS_ROLES = ['', 'NONE', 'VIEWER', 'ANALYST'];

const settings = {
  HOST: serviceSettings.HOST,
  WHEELHOUSE_ANONYMOUS_ROLE: z.string().default(''),
  PORT: portSetting(4000).unwrap().optional(),
  LOG_LEVEL: serviceSettings.LOG_LEVEL,
  DATABASE_URL: serviceSettings.DATABASE_URL.optional(),
  REDIS_URL: serviceSettings.REDIS_URL,
  WHEELHOUSE_DATA: z.string().default(join(ROOT, '.wheelhouse')),
  WHEELHOUSE_SERVICE_TOKEN: serviceSettings.WHEELHOUSE_SERVICE_TOKEN.optional(),
  WHEELHOUSE_SECRET_KEY: serviceSettings.WHEELHOUSE_SECRET_KEY.optional(),
  WHEELHOUSE_SECRET_KEY_PREVIOUS: serviceSettings.WHEELHOUSE_SECRET_KEY_PREVIOUS,
  DATABASE_URL_FILE: serviceSettings.DATABASE_URL_FILE,
  REDIS_URL_FILE: serviceSettings.REDIS_URL_FILE,
  WHEELHOUSE_SERVICE_TOKEN_FILE: serviceSettings.WHEELHOUSE_SERVICE_TOKEN_FILE,
  WHEELHOUSE_SECRET_KEY_FILE: serviceSettings.WHEELHOUSE_SECRET_KEY_FILE,
  WHEELHOUSE_SECRET_KEY_PREVIOUS_FILE: serviceSettings.WHEELHOUSE_SECRET_KEY_PREVIOUS_FILE,
};

export type StandaloneConfig = {
  /** Where the router listens; everything else stays on loopback. */
  host: string;
  /** Undefined: the default, which gives way when it is taken. */
  port: number | undefined;
  logLevel: string;
  /** Undefined: we start a PostgreSQL of our own. */
  databaseUrl: string | undefined;
  /** Undefined: the queues are in the database. */
  redisUrl: string | undefined;
  dataFolder: string;
  serviceToken: string | undefined;
  secretKey: string | undefined;
  previousSecretKey: string | undefined;
};

/** The settings of the supervisor. @throws ConfigError that names every faulty one */
export function readStandaloneConfig(env: NodeJS.ProcessEnv = environment): StandaloneConfig {
  const read = readConfig(settings, env);
  if (!isLoopback(read.HOST) && !HARMLESS_ROLES.includes(read.WHEELHOUSE_ANONYMOUS_ROLE))
    throw new ConfigError(
      `These settings are wrong:\n  WHEELHOUSE_ANONYMOUS_ROLE: must be NONE, VIEWER or ANALYST where HOST is ${read.HOST}: others reach the graph there, and would set devices without signing in`,
    );
  return {
    host: read.HOST,
    port: read.PORT,
    logLevel: read.LOG_LEVEL,
    databaseUrl: read.DATABASE_URL,
    redisUrl: read.REDIS_URL,
    dataFolder: read.WHEELHOUSE_DATA,
    serviceToken: read.WHEELHOUSE_SERVICE_TOKEN,
    secretKey: read.WHEELHOUSE_SECRET_KEY,
    previousSecretKey: read.WHEELHOUSE_SECRET_KEY_PREVIOUS,
  };
}

/** The supervisor hands on what was in these files, so that its children read none of them. */
export const READ_BY_US = {
  DATABASE_URL_FILE: '',
  REDIS_URL_FILE: '',
  WHEELHOUSE_SERVICE_TOKEN_FILE: '',
  WHEELHOUSE_SECRET_KEY_FILE: '',
  WHEELHOUSE_SECRET_KEY_PREVIOUS_FILE: '',
};

/** What the supervisor decides for its children, in a form that is always valid. */
export const DECIDED = {
  ...READ_BY_US,
  DATABASE_URL: 'postgres://localhost/wheelhouse',
  WHEELHOUSE_SERVICE_TOKEN: '0'.repeat(64),
  WHEELHOUSE_SECRET_KEY: '0'.repeat(64),
};

/** The config.ts files of what runs in the children. */
export async function childConfigFiles(): Promise<string[]> {
  const subgraphs = await readdir(join(ROOT, 'subgraphs'));
  return [...subgraphs.sort().map((name) => join('subgraphs', name, 'config.ts')), join('router', 'config.ts')];
}

function faultsOf(read: () => unknown): string[] {
  try {
    read();
    return [];
  } catch (err) {
    if (!(err instanceof ConfigError)) throw err;
    return err.message.split('\n').slice(1);
  }
}

/**
 * Checks the supervisor's settings and those of every service, before anything is started.
 *
 * @throws ConfigError that names every faulty one, of all of them
 */
export async function checkSettings(env: NodeJS.ProcessEnv = environment): Promise<StandaloneConfig> {
  const faults = faultsOf(() => readStandaloneConfig(env));
  for (const file of await childConfigFiles()) {
    const exported: Record<string, unknown> = await import(join(ROOT, file));
    for (const [name, read] of Object.entries(exported)) {
      if (/^read\w+Config$/.test(name) && typeof read === 'function')
        faults.push(...faultsOf(() => read({ ...env, ...DECIDED })));
    }
  }
  if (faults.length > 0) throw new ConfigError(`These settings are wrong:\n${[...new Set(faults)].join('\n')}`);
  return readStandaloneConfig(env);
}
