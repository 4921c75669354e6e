import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { Display, type DisplayDefinition, HOST, type SimulatedDisplay } from './display.ts';

export type { DisplayDefinition, ProfileId, SimulatedDisplay } from './display.ts';

async function bind(port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, HOST);
    await once(socket, 'listening');
    return socket;
  } catch (err) {
    socket.close();
    const isTaken = err instanceof Error && 'code' in err && (err.code === 'EADDRINUSE' || err.code === 'EACCES');
    if (port === 0 || !isTaken) throw err;
    return bind(0);
  }
}

export type SimulatedDisplays = { displays: SimulatedDisplay[]; close: () => Promise<void> };

/**
 * Displays that answer SNMP on loopback, in the order of their definitions.
 *
 * @param options.seed makes faults that draw at random repeat
 */
export async function startDisplays(
  definitions: DisplayDefinition[],
  options: { seed?: number } = {},
): Promise<SimulatedDisplays> {
  const displays: Display[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(displays.splice(0).map((display) => display.close()));
  };
  try {
    for (const [i, definition] of definitions.entries()) {
      displays.push(new Display(definition, await bind(definition.port ?? 0), (options.seed ?? 1) + i));
    }
  } catch (err) {
    await close();
    throw err;
  }
  return { displays: [...displays], close };
}
