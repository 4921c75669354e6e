// `npm run rotate-secret-key`: seals anew, with another key, all that the database keeps sealed.
import { resolve } from 'node:path';
import { openDatabase } from '@wheelhouse/kit/database.ts';
import { type RotatedColumn, rotateSealed } from '@wheelhouse/kit/rotation.ts';
import { createReseal } from '@wheelhouse/kit/sealed.ts';
import { readStandaloneConfig, type StandaloneConfig } from './config.ts';
import { openStandaloneDatabase } from './database.ts';
import { type ProgramRun, readOptions, runProgram } from './program.ts';
import { beginRotation, endRotation, hasSecrets, KeyError } from './secrets.ts';
import { openWorkspace } from './workspace.ts';

const USAGE = `Changes the key with which secrets are sealed in the database. It may be ended at any moment, and run again.

  npm run rotate-secret-key -- [--data DIR]

With DATABASE_URL, WHEELHOUSE_SECRET_KEY (the new key) and WHEELHOUSE_SECRET_KEY_PREVIOUS (the one before), each of which may also be
in a file (NAME_FILE): that database, whose services run on with both keys.

Otherwise the data folder of npm start, which must be stopped. The new key is WHEELHOUSE_SECRET_KEY, or made.

  --data DIR      the data folder (default: WHEELHOUSE_DATA, or .wheelhouse in the clone)
  --help          this text
`;

function describeColumns(columns: readonly RotatedColumn[]): string {
  const width = Math.max(...columns.map(({ name }) => name.length));
  return columns
    .map(({ name, resealed, texts }) => `  ${name.padEnd(width)}  ${resealed} sealed anew, of ${texts}`)
    .join('\n');
}

async function rotate(
  { terminal, own }: ProgramRun,
  url: string,
  keys: { previous: string; next: string },
): Promise<void> {
  // One connection: the lock on changing keys is that connection's.
  const { db, close } = openDatabase(url, { maxConnections: 1 });
  own('connection', close);
  const columns = await terminal.step('Sealing anew', () => rotateSealed(db, createReseal(keys)));
  terminal.say(describeColumns(columns));
}

/** What `npm start` keeps: the key is in the data folder, and nothing runs meanwhile. */
async function rotateDataFolder(run: ProgramRun, config: StandaloneConfig): Promise<void> {
  // Before the workspace makes some.
  if (!(await hasSecrets(config.dataFolder))) {
    throw new KeyError(`${config.dataFolder} has no secrets: Wheelhouse was never started there`);
  }
  // The settings name the new key, which is none that the workspace knows.
  const workspace = await openWorkspace({
    ...run,
    config: { ...config, secretKey: undefined, previousSecretKey: undefined },
  });
  const database = openStandaloneDatabase({ ...run, ...workspace, databaseUrl: config.databaseUrl });
  run.own('PostgreSQL', async () => (await database.catch(() => undefined))?.stop());
  const { url } = await database;
  const keys = await beginRotation(workspace.folder, config.secretKey);
  await rotate(run, url, keys);
  await endRotation(workspace.folder);
  run.terminal.say(
    `The new key is in ${workspace.folder}/secrets.json. Copies of the database that are older need the one before.`,
  );
}

runProgram(async (run) => {
  const options = readOptions(USAGE, ['data']);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 'done';
  }
  const config = readStandaloneConfig();
  const { databaseUrl, secretKey, previousSecretKey } = config;
  if (
    options.data !== undefined ||
    databaseUrl === undefined ||
    previousSecretKey === undefined ||
    secretKey === undefined
  ) {
    await rotateDataFolder(run, { ...config, dataFolder: resolve(options.data ?? config.dataFolder) });
    return 'done';
  }
  await rotate(run, databaseUrl, { previous: previousSecretKey, next: secretKey });
  run.terminal.say(
    'Nothing is sealed with the key before any more. Take WHEELHOUSE_SECRET_KEY_PREVIOUS away from all services after 15 minutes: plans of dry runs are good for so long.',
  );
  return 'done';
});
