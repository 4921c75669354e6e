import { devicesUrlSetting } from '@wheelhouse/contracts/registry.ts';
import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';

const settings = {
  ...serviceSettings,
  PORT: portSetting(4000),
  DEVICES_URL: devicesUrlSetting,
};

/** The settings of this service. @throws ConfigError that names every faulty one */
export const readLightsConfig = (env: NodeJS.ProcessEnv) => readConfig(settings, env);
