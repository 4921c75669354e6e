import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { type DisplayDefinition, startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import { onTestFinished } from 'vitest';
import { createSnmpController, type SetOutcome, type SettingsReading, type SnmpController } from '../snmp/control.ts';
import { createSnmpProber, type Look, type SnmpProber } from '../snmp.ts';

export const V1 = { version: 'V1', community: 'public' } as const;
export const V2C = { version: 'V2C', community: 'public' } as const;
/** authPriv */
export const V3 = {
  version: 'V3',
  user: 'operator',
  authProtocol: 'SHA',
  authKey: 'auth-key-1',
  privProtocol: 'AES',
  privKey: 'priv-key-1',
} as const;

/** Generous, so that a busy machine makes no display silent; tests of silence ask for less. */
export function aProber(options: Partial<Parameters<typeof createSnmpProber>[0]> = {}): SnmpProber {
  const prober = createSnmpProber({ timeoutMs: 2_000, retries: 1, ...options });
  onTestFinished(() => prober.close());
  return prober;
}

/** As generous as `aProber`. */
export function aController(options: Partial<Parameters<typeof createSnmpController>[0]> = {}): SnmpController {
  const controller = createSnmpController({ timeoutMs: 2_000, retries: 1, ...options });
  onTestFinished(() => controller.close());
  return controller;
}

/** One simulated display, closed with the test. */
export async function aDisplay(definition: Partial<DisplayDefinition> = {}) {
  const one = { name: 'one', profile: 'wheelhouse-fida', access: V2C, ...definition } as const;
  const { displays, close } = await startDisplays([one]);
  onTestFinished(close);
  const [display] = displays;
  if (display === undefined) throw new Error('no display was started');
  return display;
}

/** A peer that answers each datagram as the test says. */
export async function aPeer(
  onDatagram: (socket: Socket, datagram: Buffer, from: { port: number; address: string }) => void,
) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (datagram, from) => onDatagram(socket, datagram, from));
  onTestFinished(async () => {
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });
  return { host: '127.0.0.1', port: socket.address().port };
}

/**
 * Stands between a client and a display, and keeps the requests. `pass`: what becomes of the display's answer to the n-th request,
 * counted from 1; null: it is lost.
 */
export async function aRelay(
  display: { port: number },
  pass: (answer: Buffer, n: number, request: Buffer) => Buffer | null,
) {
  const requests: Buffer[] = [];
  let client = { port: 0, address: '' };
  const upstream = createSocket('udp4').bind(0, '127.0.0.1');
  await once(upstream, 'listening');
  const peer = await aPeer((socket, request, from) => {
    client = from;
    requests.push(request);
    const n = requests.length;
    upstream.once('message', (answer) => {
      const passed = pass(answer, n, request);
      if (passed !== null) socket.send(passed, client.port, client.address);
    });
    upstream.send(request, display.port, '127.0.0.1');
  });
  onTestFinished(() => void upstream.close());
  return { ...peer, requests };
}

/** The code of what could not be done, or else its kind. */
export const causeOf = (look: Look | SettingsReading | SetOutcome) =>
  look.kind === 'couldNotLook' ? look.cause.code : look.kind;
