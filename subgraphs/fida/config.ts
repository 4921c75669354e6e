import { devicesUrlSetting } from '@wheelhouse/contracts/registry.ts';
import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';

const settings = {
  ...serviceSettings,
  PORT: portSetting(4000),
  DEVICES_URL: devicesUrlSetting,
  FIDA_SNMP_TIMEOUT_MS: z.coerce.number().int().min(50).max(30_000).default(1_000),
  FIDA_SNMP_RETRIES: z.coerce.number().int().min(0).max(10).default(1),
  /** Chunks, each of a second's looks, that one worker has in hand at a time. */
  FIDA_CHUNK_CONCURRENCY: z.coerce.number().int().min(1).max(200).default(16),
  /** How long a display may take to obey before what it says is taken for its last word. */
  FIDA_SETTLE_MS: z.coerce.number().int().min(0).max(60_000).default(4_000),
  /** Displays that one worker sets at a time; one display's changes run one after the other. */
  FIDA_SETTINGS_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(50),
};

/** The settings of this service. @throws ConfigError that names every faulty one */
export const readFidaConfig = (env: NodeJS.ProcessEnv) => readConfig(settings, env);
