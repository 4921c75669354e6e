import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseCommand } from './command.ts';
import { anEstate } from './testing/estate.ts';
import { startPeer } from './testing/peer.ts';
import { compose, until } from './testing/router.ts';
import { startSubgraph, type TestSubgraph } from './testing/subgraph.ts';

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url));
const subgraphs: TestSubgraph[] = [];
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'router-'));
  file = join(folder, 'supergraph.graphql');
  const { sources } = anEstate();
  for (const source of sources) subgraphs.push(await startSubgraph(source));
  const urlOf = (name: string) => subgraphs.find((subgraph) => subgraph.name === name)?.url ?? '';
  await writeFile(
    file,
    compose(sources, (name) => (name === 'history' ? 'http://history.invalid/graphql' : urlOf(name))),
  );
});
afterAll(async () => {
  for (const { close } of subgraphs) await close();
  await rm(folder, { recursive: true });
});

/** The router as a process of its own. */
function run(args: string[], env: Record<string, string> = {}) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH, NODE_COMPILE_CACHE, LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const exited = Promise.withResolvers<number | null>();
  child.once('close', exited.resolve);
  return { child, exited: exited.promise, stdout: () => stdout, stderr: () => stderr };
}

describe('the router as a program', () => {
  it('serves a supergraph file alone, with addresses from the command line, and stops on SIGTERM', async () => {
    const history = subgraphs.find(({ name }) => name === 'history')?.url;
    const router = run(['--supergraph', file, '--port', '0', '--subgraph', `history=${history}`]);
    const url = await until('the address', () => /http:\S+/.exec(router.stdout())?.[0] ?? null, 20_000);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ devices { name changeCount ... on Display { brightness } } }' }),
    });
    expect(await response.json()).toEqual({
      data: {
        devices: [
          { name: 'Hall', changeCount: 3, brightness: 80 },
          { name: 'Foyer', changeCount: 0 },
          { name: 'Attic', changeCount: 3, brightness: 0 },
        ],
      },
    });
    router.child.kill('SIGTERM');
    expect(await router.exited).toBe(0);
    expect(router.stderr()).toBe('');
  });

  it('names a taken port and what to set', async () => {
    const peer = await startPeer(() => {});
    const { port } = new URL(peer.url);
    const router = run(['--supergraph', file, '--port', port]);
    expect(await router.exited).toBe(1);
    expect(router.stderr()).toBe(
      `Port ${port} on 127.0.0.1 is taken: choose another with --port (or PORT); 0 takes a free one\n`,
    );
    await peer.close();
  });

  it.each<[what: string, args: () => string[], says: RegExp]>([
    ['no file', () => [], /--supergraph FILE is missing/],
    [
      'a file that is not there',
      () => ['--supergraph', join(folder, 'none.graphql')],
      /none\.graphql can't be read: there is no such file/,
    ],
    [
      'a file that is no supergraph',
      () => ['--supergraph', MAIN],
      /main\.ts: The supergraph is refused:\n {2}it is not GraphQL/,
    ],
  ])('says in a line what is wrong and exits with 1: %s', async (_what, args, says) => {
    const router = run(args());
    expect(await router.exited).toBe(1);
    expect(router.stderr()).toMatch(says);
    expect(router.stderr()).not.toMatch(/\n\s+at /);
  });

  it('names every faulty setting', async () => {
    const router = run(['--supergraph', file], { ROUTER_MAX_DEPTH: 'deep', ROUTER_SUBGRAPH_TIMEOUT_MS: '0' });
    expect(await router.exited).toBe(1);
    expect(router.stderr()).toMatch(/ROUTER_SUBGRAPH_TIMEOUT_MS: .*\n.*ROUTER_MAX_DEPTH: /);
  });
});

describe('the command line', () => {
  const defaults = { host: '127.0.0.1', port: 4000 };

  it.each<[args: string[], says: RegExp]>([
    [['--supergraph', 'f', '--port', '99999'], /--port must be a number from 0 to 65535, not "99999"/],
    [['--supergraph', 'f', '--port', 'http'], /not "http"/],
    [['--supergraph', 'f', '--subgraph', 'fida'], /--subgraph must be NAME=URL.*not "fida"/],
    [['--supergraph', 'f', '--subgraph', 'fida=nowhere'], /not "fida=nowhere"/],
    [['--supergraph', 'f', '--loud'], /Unknown option '--loud'/],
    [['f'], /positional/],
  ])('%j', (args, says) => {
    expect(() => parseCommand(args, defaults)).toThrow(says);
  });

  it('has defaults from the settings, and addresses by name', () => {
    expect(parseCommand(['--supergraph', 'f', '--subgraph', 'a=http://h/x?y=1'], defaults)).toEqual({
      file: 'f',
      ...defaults,
      subgraphUrls: { a: 'http://h/x?y=1' },
    });
  });
});
