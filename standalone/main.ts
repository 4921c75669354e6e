// `npm start`: everything on one machine, until Ctrl-C.
import { resolve } from 'node:path';
import { checkSettings } from './config.ts';
import { readEstateFile } from './estate.ts';
import { readOptions, runProgram } from './program.ts';
import { startEverything } from './supervisor.ts';

const USAGE = `Starts Wheelhouse on this machine: the graph, its database, and a simulated museum.

  npm start -- [--data DIR] [--estate FILE]

  --data DIR      where everything is kept (default: WHEELHOUSE_DATA, or .wheelhouse in the clone)
  --estate FILE   watch the devices of this YAML file instead of a simulated museum
  --help          this text

Settings are read from the environment; .env.example lists them.
`;

runProgram(async (run) => {
  const options = readOptions(USAGE, ['data', 'estate']);
  if (options === 'help') {
    process.stdout.write(USAGE);
    return 'done';
  }
  const settings = await checkSettings();
  const { data, estate: file } = options;
  const estate = file === undefined ? null : { file, estate: await readEstateFile(file) };
  await startEverything({ ...run, config: { ...settings, dataFolder: resolve(data ?? settings.dataFolder) }, estate });
  return 'running';
});
