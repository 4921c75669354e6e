import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';
import { isTimeZone } from './time-zone.ts';

const settings = {
  ...serviceSettings,
  PORT: portSetting(4000),
  WHEELHOUSE_MISSES_TO_OFFLINE: z.coerce.number().int().min(1).max(100).default(3),
  WHEELHOUSE_ANSWERS_TO_ONLINE: z.coerce.number().int().min(1).max(100).default(1),
  /** How long a status change is kept; a cursor from before that is CURSOR_EXPIRED. */
  WHEELHOUSE_STATUS_LOG_DAYS: z.coerce.number().int().min(3).max(36_500).default(400),
  WHEELHOUSE_TIME_ZONE: z.string().refine(isTimeZone, 'must be an IANA time zone such as Africa/Cairo').default('UTC'),
};

export type DevicesConfig = ReturnType<typeof readDevicesConfig>;

/** The settings of this service. @throws ConfigError that names every faulty one */
export const readDevicesConfig = (env: NodeJS.ProcessEnv) => readConfig(settings, env);
