import { devicesUrlSetting } from '@wheelhouse/contracts/registry.ts';
import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';

const settings = {
  ...serviceSettings,
  PORT: portSetting(4000),
  DEVICES_URL: devicesUrlSetting,
  /** How long a Core may take for a connection, with the logon, and for each answer. */
  QSYS_TIMEOUT_MS: z.coerce.number().int().min(50).max(30_000).default(3_000),
  /** How long it may take to read all components of a design. */
  QSYS_DESIGN_TIMEOUT_MS: z.coerce.number().int().min(1_000).max(300_000).default(30_000),
  /** Chunks, each of a second's looks, that one worker has in hand at a time. */
  QSYS_CHUNK_CONCURRENCY: z.coerce.number().int().min(1).max(200).default(16),
  /** How long a Core may take to obey, besides the ramp, before what it says is taken for its last word. */
  QSYS_SETTLE_MS: z.coerce.number().int().min(0).max(60_000).default(2_000),
  /** Cores that one worker sets at a time; one Core's changes run one after the other. */
  QSYS_SETTINGS_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(50),
};

/** The settings of this service. @throws ConfigError that names every faulty one */
export const readQsysConfig = (env: NodeJS.ProcessEnv) => readConfig(settings, env);
