import type { ServiceDefinition } from '../compose/definitions.ts';
import { ComposeFileError } from '../compose/definitions.ts';
import type { StandaloneConfig } from '../config.ts';
import { openStandaloneDatabase } from '../database.ts';
import type { ProgramRun } from '../program.ts';
import { findProgram } from '../programs.ts';
import { awaitRedis } from '../queues.ts';
import { startRedis } from '../redis.ts';
import type { Workspace } from '../workspace.ts';

/** Where the queues are to be; `auto`: in Redis where there is one. */
export type QueuesChoice = 'auto' | 'redis' | 'postgres';

/** A database or queue server of the compose file, as this machine has it. */
export type Store = {
  name: string;
  /** Empty where the cluster does without it. */
  url: string;
  /** Undefined where it is not ours. */
  readonly pid: number | undefined;
};

export type StoresOptions = ProgramRun & { config: StandaloneConfig; workspace: Workspace; queues: QueuesChoice };

type StartStore = (definition: ServiceDefinition, options: StoresOptions) => Promise<Store>;

/** `-c name=value` of PostgreSQL's command line. */
const postgresSettings = (command: readonly string[]): string[] =>
  command.flatMap((word, index) => (command[index - 1] === '-c' ? [word] : []));

async function startDatabase({ name, command }: ServiceDefinition, options: StoresOptions): Promise<Store> {
  const { config, workspace, own } = options;
  const settings = postgresSettings(command);
  const opening = openStandaloneDatabase({ ...options, ...workspace, databaseUrl: config.databaseUrl, settings });
  own('PostgreSQL', async () => (await opening.catch(() => undefined))?.stop());
  const database = await opening;
  return {
    name,
    url: database.url,
    get pid() {
      return database.pid;
    },
  };
}

async function startQueues({ name, command }: ServiceDefinition, options: StoresOptions): Promise<Store> {
  const { config, workspace, queues, terminal, own } = options;
  if (queues === 'postgres') return { name, url: '', pid: undefined };
  if (config.redisUrl !== undefined) {
    await awaitRedis(config.redisUrl, terminal);
    return { name, url: config.redisUrl, pid: undefined };
  }
  const [word = 'redis-server', ...args] = command;
  const program = findProgram(word);
  if (program === null) {
    const remedy = 'install Redis (apt-get install redis-server), or set REDIS_URL';
    if (queues === 'redis') throw new Error(`This machine has no ${word}: ${remedy}`);
    terminal.say(`This machine has no ${word}: the queues are in PostgreSQL. To have them in Redis, ${remedy}.`);
    return { name, url: '', pid: undefined };
  }
  const { say } = terminal;
  const { url, child } = await terminal.step('Starting Redis', () =>
    startRedis({ workspace, name, program, args, say, own }),
  );
  return {
    name,
    url,
    get pid() {
      return child.pid;
    },
  };
}

/** What this machine can start in place of an image, by the image's name. */
const STARTERS: Readonly<Record<string, StartStore>> = { postgres: startDatabase, redis: startQueues };

/** Starts in place of an image what this machine has. @throws ComposeFileError for an image that it has nothing for */
export function startStore(definition: ServiceDefinition, options: StoresOptions): Promise<Store> {
  const image = /([^/:@]+)(?:[:@][^/]*)?$/.exec(definition.image)?.[1] ?? '';
  const start = STARTERS[image];
  if (start !== undefined) return start(definition, options);
  throw new ComposeFileError(
    `services.${definition.name}.image: plain processes have nothing in place of ${definition.image}, only of ${Object.keys(STARTERS).join(' and ')}`,
  );
}
