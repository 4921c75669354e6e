import { once } from 'node:events';
import { createRequire } from 'node:module';
import { onTestFinished } from 'vitest';

const require = createRequire(import.meta.url);
// Looks for an Observable when it is loaded, and finds none by itself in a current Node.
require('any-observable/register')('zen', { Observable: require('zen-observable') });
const { default: QrcClient, commands: qrcCommands }: typeof import('qsys-qrc-client') = require('qsys-qrc-client');

/** Requests as that client makes them. */
export const commands = qrcCommands;

/** qsys-qrc-client, by the makers of qsys-tools, over TCP. */
export async function anIndependentClient(port: number) {
  const client = new QrcClient();
  const errors: unknown[] = [];
  client.on('error', (err) => errors.push(err));
  onTestFinished(() => client.destroy());
  client.connect({ host: '127.0.0.1', port });
  await once(client, 'connect');
  return { client, errors };
}
