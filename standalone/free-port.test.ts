import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
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

  it('is any free one when 0 is asked for', async () => {
    const { port } = await choosePort(0, HOST);
    expect(port).toBeGreaterThan(0);
  });

  it('says so when the address is not of this machine', async () => {
    await expect(choosePort(4000, '192.0.2.1')).rejects.toThrow(/address that this machine does not have/);
  });
});
