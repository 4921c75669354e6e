import { TOKEN_MAX_SECONDS } from '@wheelhouse/contracts/access.ts';
import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { z } from 'zod';
import { MAX_PASSWORD, MIN_PASSWORD } from './rules/passwords.ts';

const settings = {
  ...serviceSettings,
  PORT: portSetting(4000),
  /** Who may register. With `closed` not even invitations are taken. */
  WHEELHOUSE_REGISTRATION: z.enum(['open', 'invitation', 'closed']).default('invitation'),
  /** The password of the admin that the first start makes; without it one is drawn and told once. */
  WHEELHOUSE_ADMIN_PASSWORD: z
    .string()
    .min(MIN_PASSWORD, `must have at least ${MIN_PASSWORD} characters`)
    .max(MAX_PASSWORD, `must have at most ${MAX_PASSWORD} characters`)
    .optional(),
  /** Has each start give the first admin that password, all rights, and an account that is not disabled: for who has lost them. */
  WHEELHOUSE_ADMIN_RESET: z.stringbool({ error: 'must be true or false' }).default(false),
  /** How long an access token lives. */
  WHEELHOUSE_TOKEN_SECONDS: z.coerce.number().int().min(300).max(TOKEN_MAX_SECONDS).default(600),
  /** How long a session lives since it began, however often it is refreshed. */
  WHEELHOUSE_SESSION_DAYS: z.coerce.number().int().min(1).max(366).default(30),
};

export type AccountsConfig = ReturnType<typeof readAccountsConfig>;

/** The settings of this service. @throws ConfigError that names every faulty one */
export const readAccountsConfig = (env: NodeJS.ProcessEnv) => readConfig(settings, env);
