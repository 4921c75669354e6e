import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { ConfigError } from '@wheelhouse/kit/config.ts';
import { runUntilSignal } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { type RouterConfig, type RouterOptions, readRouterConfig } from './config.ts';
import { SupergraphRefusedError } from './load.ts';
import { watchSupergraph } from './watch.ts';

const USAGE = `Serves a composed Federation 2 supergraph.

  node router/main.ts --supergraph FILE [--port N] [--host H] [--subgraph NAME=URL ...]

  --supergraph FILE     the composed supergraph (SDL)
  --port N              the port to serve on (default: PORT, or 4000; 0 takes a free one)
  --host H              the address to serve on (default: HOST, or 127.0.0.1)
  --subgraph NAME=URL   where a subgraph is, in place of the address in FILE; as often as needed
  --help                this text

The file is looked at once a second, and on SIGHUP: a supergraph that changes is served in place of the old one, without a restart.
One that can't be served is refused in the log, and the old one stays.
`;

/** What is wrong with how the program was called; its message is all that the user needs. */
class UsageError extends Error {}

export type Command = { file: string; port: number; host: string; subgraphUrls: Record<string, string> };

/** @throws UsageError */
export function parseCommand(args: string[], config: Pick<RouterConfig, 'host' | 'port'>): Command | 'help' {
  const read = () => {
    try {
      return parseArgs({
        args,
        options: {
          supergraph: { type: 'string' },
          port: { type: 'string' },
          host: { type: 'string' },
          subgraph: { type: 'string', multiple: true },
          help: { type: 'boolean' },
        },
      }).values;
    } catch (err) {
      throw new UsageError(`${err instanceof Error ? err.message : err}\n\n${USAGE}`);
    }
  };
  const { supergraph, port = `${config.port}`, host = config.host, subgraph = [], help } = read();
  if (help === true) return 'help';
  if (supergraph === undefined) throw new UsageError(`--supergraph FILE is missing\n\n${USAGE}`);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, not "${port}"`);
  }
  const urls = subgraph.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1 || !URL.canParse(pair.slice(at + 1))) {
      throw new UsageError(`--subgraph must be NAME=URL, as in devices=http://127.0.0.1:4001/graphql, not "${pair}"`);
    }
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return { file: supergraph, port: Number(port), host, subgraphUrls: Object.fromEntries(urls) };
}

const codeOf = (err: unknown): unknown => (err instanceof Error && 'code' in err ? err.code : undefined);

function explain(err: unknown, { port, host, file }: Command): unknown {
  switch (codeOf(err)) {
    case 'EADDRINUSE':
      return new UsageError(
        `Port ${port} on ${host} is taken: choose another with --port (or PORT); 0 takes a free one`,
      );
    case 'EACCES':
      return new UsageError(
        `Port ${port} on ${host} may not be used by this user: choose another with --port (or PORT)`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UsageError(`${host} is not an address of this machine: choose another with --host (or HOST)`);
    default:
      return err instanceof SupergraphRefusedError ? new UsageError(`${file}: ${err.message}`) : err;
  }
}

async function readSupergraph(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (err) {
    const reason =
      codeOf(err) === 'ENOENT' ? 'there is no such file' : err instanceof Error ? err.message : String(err);
    throw new UsageError(`The supergraph ${file} can't be read: ${reason}`);
  }
}

/** Runs the router as a program until a signal; what is wrong with the call goes to stderr with exit code 1. */
export async function runCommand(
  args: string[],
  start: (options: RouterOptions) => Promise<{ url: string; reload: (sdl: string) => Promise<boolean> }>,
): Promise<void> {
  try {
    const config = readRouterConfig();
    const command = parseCommand(args, config);
    if (command === 'help') {
      process.stdout.write(USAGE);
      return;
    }
    const { file, ...where } = command;
    const supergraphSdl = await readSupergraph(file);
    const logger = createLogger({ name: 'router', level: config.logLevel });
    let failure: unknown;
    await runUntilSignal(logger, async (stops) => {
      try {
        const { url, reload } = await start({ supergraphSdl, ...where, logger, stops, config });
        stops.own('router: supergraph file', watchSupergraph(file, reload, logger), ({ close }) => close());
        process.stdout.write(`The router serves ${file} at ${url}\n`);
      } catch (err) {
        failure = explain(err, command);
        if (!(failure instanceof UsageError)) throw err;
        await stops.stop();
      }
    });
    if (failure !== undefined) throw failure;
  } catch (err) {
    if (!(err instanceof UsageError || err instanceof ConfigError)) throw err;
    process.stderr.write(`${err.message}\n`);
    process.exitCode = 1;
  }
}
