import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { choosePort, findFreePort } from './free-port.ts';

const HOST = '127.0.0.1';

describe('the port to serve on', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });
  async function takenPort(): Promise<number> {
    const port = await findFreePort(HOST);
    const server = createServer().listen(port, HOST);
    servers.push(server);
    await once(server, 'listening');
    return port;
  }

  it('is the one asked for', async () => {
    const port = await findFreePort(HOST);
    expect(await choosePort(port, HOST)).toEqual({ port, gaveWay: false });
  });

  it('is refused by name, with what to set, when the one asked for is taken', async () => {
    const port = await takenPort();
    await expect(choosePort(port, HOST)).rejects.toThrow(
      `Port ${port} on ${HOST} is taken by another program. Set PORT`,
    );
  });

  it('gives way to the next free one when nobody asked for it', async () => {
    const taken = await takenPort();
    const { port, gaveWay } = await choosePort(undefined, HOST, taken);
    expect(port).toBeGreaterThan(taken);
    expect(gaveWay).toBe(true);
  });

  it('is none that somebody listens on, nor one that another was given who does not listen yet', async () => {
    const taken = await takenPort();
    const given = await findFreePort(HOST);
    const script = `const { findFreePort } = await import(process.argv[1]); const drawn = JSON.parse(process.argv[2]);
      const draw = () => drawn.shift() ?? 20_000 + Math.floor(Math.random() * 12_000);
      console.log(await findFreePort('${HOST}', draw), drawn.length)`;
    const file = fileURLToPath(new URL('free-port.ts', import.meta.url));
    const args = ['--input-type=module', '-e', script, file, JSON.stringify([taken, given])];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const [found, left] = stdout.split(' ').map(Number);
    expect([taken, given]).not.toContain(found);
    expect(left).toBe(0);
  });

  it('is any free one when 0 is asked for', async () => {
    const { port } = await choosePort(0, HOST);
    expect(port).toBeGreaterThan(0);
  });

  it('says so when the address is not of this machine', async () => {
    await expect(choosePort(4000, '192.0.2.1')).rejects.toThrow(/address that this machine does not have/);
  });
});
