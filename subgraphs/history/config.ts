import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';

const settings = { ...serviceSettings, PORT: portSetting(4000) };

/** The settings of this service. @throws ConfigError that names every faulty one */
export const readHistoryConfig = (env: NodeJS.ProcessEnv) => readConfig(settings, env);
