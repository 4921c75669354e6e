import { devicesUrlSetting } from '@wheelhouse/contracts/registry.ts';
import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';

const settings = {
  ...serviceSettings,
  PORT: portSetting(4000),
  DEVICES_URL: devicesUrlSetting,
  ENTERTAINMENT_PING_TIMEOUT_MS: z.coerce.number().int().min(50).max(30_000).default(1_000),
  ENTERTAINMENT_PING_RETRIES: z.coerce.number().int().min(0).max(10).default(1),
  /** Chunks, each of a second's looks, that one worker has in hand at a time. */
  ENTERTAINMENT_CHUNK_CONCURRENCY: z.coerce.number().int().min(1).max(200).default(16),
};

/** The settings of this service. @throws ConfigError that names every faulty one */
export const readEntertainmentConfig = (env: NodeJS.ProcessEnv) => readConfig(settings, env);
