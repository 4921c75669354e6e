import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from '@wheelhouse/kit/config.ts';
import { createLogger, type Logger } from '@wheelhouse/kit/logger.ts';
import { type Child, type ChildOptions, superviseChild } from './child.ts';
import type { StandaloneConfig } from './config.ts';
import { lockDataFolder, openDataFolder } from './data-folder.ts';
import { rotateLog } from './logs.ts';
import type { ProgramRun } from './program.ts';
import { estateSecrets, type Secrets } from './secrets.ts';

/** The file of a program of ours. */
export const programFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** An address as it stands in a URL. */
export const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The data folder while this process holds it, and what is in it. */
export type Workspace = {
  folder: string;
  logs: string;
  /** Those of the estate, where the settings name no others. */
  secrets: Secrets;
  /** Where Node keeps what it has compiled, which saves a third of a start: what NODE_COMPILE_CACHE says, or a folder of ours. */
  compileCache: string;
  logger: Logger;
  /** A child that logs to a file of its name. Whoever makes it stops it. */
  supervise: (options: Omit<ChildOptions, 'logFile' | 'say'>) => Child;
};

/**
 * Takes the data folder for this process until it stops.
 *
 * @throws DataFolderHeldError when another start holds it
 */
export async function openWorkspace({
  config,
  terminal,
  own,
}: ProgramRun & { config: StandaloneConfig }): Promise<Workspace> {
  const { folder, logs } = await openDataFolder(resolve(config.dataFolder));
  own('data folder', await lockDataFolder(folder, new Date()));
  const kept = await estateSecrets(folder, config);
  await rotateLog(join(logs, 'supervisor.log'));
  const log = await open(join(logs, 'supervisor.log'), 'a', 0o600);
  own('log', () => log.close());
  const write = (line: string): void => void writeSync(log.fd, line);
  const logger = createLogger({ name: 'supervisor', level: config.logLevel, destination: { write } });
  return {
    folder,
    logs,
    secrets: { ...kept, serviceToken: config.serviceToken ?? kept.serviceToken },
    compileCache: environment.NODE_COMPILE_CACHE ?? join(folder, 'compile-cache'),
    logger,
    supervise: (options) =>
      superviseChild({ ...options, logFile: join(logs, `${options.name}.log`), say: terminal.say }),
  };
}
