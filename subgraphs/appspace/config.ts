import { devicesUrlSetting } from '@wheelhouse/contracts/registry.ts';
import { ConfigError, portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host);

const settings = {
  ...serviceSettings,
  PORT: portSetting(4000),
  DEVICES_URL: devicesUrlSetting,
  /** The account's address, without the path of the API. Tokens go there, so in clear text to this machine only. */
  APPSPACE_URL: z
    .url({ protocol: /^https?$/, error: 'must be an https:// URL', abort: true })
    .refine((url) => url.startsWith('https:') || isLoopback(new URL(url).hostname), 'must be an https:// URL')
    .refine((url) => new URL(url).username === '' && new URL(url).search === '', 'must be an address and nothing else')
    .transform((url) => url.replace(/(\/api\/v3)?\/*$/, ''))
    .optional(),
  APPSPACE_SUBJECT_ID: z.string().max(200).optional(),
  APPSPACE_REFRESH_TOKEN: z.string().max(8_192).optional(),
  /** How long one request may take, its answer read. */
  APPSPACE_TIMEOUT_MS: z.coerce.number().int().min(50).max(60_000).default(10_000),
  /** Chunks, each of a second's players, that one worker has in hand at a time. */
  APPSPACE_CHUNK_CONCURRENCY: z.coerce.number().int().min(1).max(200).default(16),
};

/** Which account of Appspace is asked, and by whom. */
export type Account = { url: string; subjectId: string; refreshToken: string };

const OF_THE_ACCOUNT = ['APPSPACE_URL', 'APPSPACE_SUBJECT_ID', 'APPSPACE_REFRESH_TOKEN'] as const;

/** The settings of this service; `account` is null where none is given. @throws ConfigError that names every faulty one */
export function readAppspaceConfig(env: NodeJS.ProcessEnv) {
  const { APPSPACE_URL, APPSPACE_SUBJECT_ID, APPSPACE_REFRESH_TOKEN, ...config } = readConfig(settings, env);
  const given = { APPSPACE_URL, APPSPACE_SUBJECT_ID, APPSPACE_REFRESH_TOKEN };
  const missing = OF_THE_ACCOUNT.filter((name) => given[name] === undefined);
  if (missing.length === OF_THE_ACCOUNT.length) return { ...config, account: null };
  if (APPSPACE_URL === undefined || APPSPACE_SUBJECT_ID === undefined || APPSPACE_REFRESH_TOKEN === undefined) {
    const faults = missing.map(
      (name) => `  ${name}: is needed, since ${OF_THE_ACCOUNT.find((one) => given[one])} is set`,
    );
    throw new ConfigError(`These settings are wrong:\n${faults.join('\n')}`);
  }
  const account: Account = { url: APPSPACE_URL, subjectId: APPSPACE_SUBJECT_ID, refreshToken: APPSPACE_REFRESH_TOKEN };
  return { ...config, account };
}
