import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTemporaryPostgres, temporaryFolder } from '../tests/temporary-postgres.ts';
import { holdsWithin, isRunning } from './processes.ts';
import { runStandalone, type Standalone } from './testing/run-standalone.ts';

const READY = /Graph +(\S+)/;
const FAULTY_ESTATE = `sites:
  - path: museum
    timeZone: Nowhere/None
devices:
  - name: One
    system: FIDA
    site: museum
    snmp: { host: 127.0.0.1, port: 99999, version: V2C, community: public }
  - name: ""
    system: FIDA
    site: museum
    snmp: { host: 127.0.0.1, version: V2C, community: public }
  - name: Three
    system: TOASTER
    site: museum
    snmp: { host: 127.0.0.1, version: V2C, community: public }
  - name: Four
    system: FIDA
    site: museum
    colour: red
    snmp: { host: 127.0.0.1, version: V2C, community: public }
`;

async function ask(url: string, query: string, token?: string): Promise<{ data: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

/** An access token, by what was printed alone. */
async function signIn(started: Standalone): Promise<string> {
  const [, url = ''] = await started.printed(READY);
  const [, email, password] = await started.printed(/Sign in +(\S+)\n +Password +(\S+)/);
  const { data } = await ask(url, `mutation { login(email: "${email}", password: "${password}") { accessToken } }`);
  const { accessToken } = data.login as { accessToken: string };
  return accessToken;
}

describe('npm start', () => {
  let folder: string;
  let data: string;
  const running: Standalone[] = [];
  const run = (...args: Parameters<typeof runStandalone>): Standalone => {
    const started = runStandalone(...args);
    running.push(started);
    return started;
  };
  beforeAll(async () => {
    folder = await temporaryFolder();
    data = join(folder, 'data');
  });
  afterAll(async () => {
    for (const started of running) if (started.process.exitCode === null) await started.end('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  });

  let token: string;
  const ids = async (url: string): Promise<unknown> =>
    (await ask(url, '{ devices(first: 1000) { nodes { id } } }', token)).data;
  const postmaster = async (): Promise<number> =>
    Number((await readFile(join(data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);

  it('serves a simulated museum, stops in order, and after a kill goes on with what it knew', async () => {
    const first = run(['--data', data]);
    const [, url = ''] = await first.printed(READY);
    expect(await ask(url, '{ estateSummary { total } }')).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    token = await signIn(first);
    expect(await ask(url, '{ estateSummary { total } }', token)).toEqual({ data: { estateSummary: { total: 39 } } });
    const before = await ids(url);
    const firstDatabase = await postmaster();

    const rival = run(['--data', data]);
    expect(await rival.exitCode()).toBe(1);
    expect(rival.output()).toContain(`process ${first.process.pid}`);

    expect(await first.end('SIGTERM')).toBe(0);
    expect(first.output()).toMatch(/Stopping \.\.\.\nStopped\.\n$/);
    expect(await isRunning(firstDatabase)).toBe(false);
    await expect(fetch(url)).rejects.toThrow();

    const second = run(['--data', data]);
    const [, secondUrl = ''] = await second.printed(READY);
    await second.end('SIGKILL');
    const serverIsGone = (): Promise<boolean> =>
      fetch(secondUrl).then(
        () => false,
        () => true,
      );
    expect(await holdsWithin(60_000, serverIsGone)).toBe(true);
    const orphan = await postmaster();
    expect(await isRunning(orphan)).toBe(true);

    const third = run(['--data', data]);
    const [, thirdUrl = ''] = await third.printed(READY);
    expect(await isRunning(orphan)).toBe(false);
    expect(await ids(thirdUrl)).toEqual(before);
    await third.printed(/Password +the password that was told at the first start/);
    expect(await third.end('SIGINT')).toBe(0);
  }, 600_000);

  it('names all faults of an estate file with their lines, and leaves nothing half done', async () => {
    const file = join(folder, 'estate.yaml');
    const own = join(folder, 'faulty');
    await writeFile(file, FAULTY_ESTATE);
    const refused = run(['--data', own, '--estate', file]);
    expect(await refused.exitCode()).toBe(1);
    const lines = [...refused.output().matchAll(/estate\.yaml:(\d+):\d+: (\S+):/g)].map(
      ([, line, path]) => `${line} ${path}`,
    );
    expect(lines).toEqual([
      '3 sites[0].timeZone',
      '8 devices[0].snmp.port',
      '9 devices[1].name',
      '14 devices[2].system',
      '20 devices[3].colour',
    ]);
    await writeFile(file, 'devices: []\n');
    const mended = run(['--data', own, '--estate', file]);
    const [, url = ''] = await mended.printed(READY);
    expect(await ask(url, '{ devices { totalCount } sites { nodes { path } } }', await signIn(mended))).toEqual({
      data: { devices: { totalCount: 0 }, sites: { nodes: [] } },
    });
    await mended.end('SIGTERM');
  }, 600_000);

  it('waits for a database of your own that is away, without telling its password', async () => {
    const { server, close } = await startTemporaryPostgres();
    await server.stop();
    const started = run(['--data', join(dirname(data), 'own')], { DATABASE_URL: server.url });
    const { host, password } = new URL(server.url);
    await started.printed(new RegExp(`waiting for the database at ${host}`));
    await server.restart();
    await started.printed(READY);
    expect(await started.end('SIGTERM')).toBe(0);
    expect(started.output()).not.toContain(password);
    await close();
  }, 600_000);

  it('hears SIGTERM while it waits for a database that is away', async () => {
    const started = run(['--data', join(dirname(data), 'waiting')], {
      DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none',
    });
    await started.printed(/waiting for the database/);
    const askedAt = performance.now();
    await started.end('SIGTERM');
    // Far from the minute that it would wait for the database.
    expect(performance.now() - askedAt).toBeLessThan(30_000);
  }, 120_000);
});
