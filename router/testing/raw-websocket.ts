import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { until } from './router.ts';

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;

export type FrameOptions = {
  isFinal?: boolean;
  isMasked?: boolean;
  /** Whether the bit is set that no extension was agreed on for. */
  isReserved?: boolean;
  /** What the frame says its length is. @default what it is */
  saysBytes?: number;
};

/** A frame of the websocket protocol as a client sends it, or as none may. RFC 6455 §5.2. */
export function frame(opcode: number, content: string | Buffer, options: FrameOptions = {}): Buffer {
  const { isFinal = true, isMasked = true, isReserved = false } = options;
  const payload = Buffer.from(content);
  const bytes = options.saysBytes ?? payload.length;
  const first = (isFinal ? 0x80 : 0) | (isReserved ? 0x40 : 0) | opcode;
  const mask = isMasked ? 0x80 : 0;
  let head = Buffer.from([first, mask | bytes]);
  if (bytes >= 65_536) {
    head = Buffer.alloc(10);
    head.set([first, mask | 127]);
    head.writeBigUInt64BE(BigInt(bytes), 2);
  } else if (bytes >= 126) {
    head = Buffer.from([first, mask | 126, bytes >> 8, bytes & 0xff]);
  }
  // A mask of zeros changes nothing.
  return Buffer.concat([head, isMasked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

export const message = (content: unknown): Buffer => frame(TEXT, JSON.stringify(content));
export const INIT = message({ type: 'connection_init' });

export type RawWebSocket = {
  socket: Socket;
  /** The status of the answer to the upgrade. */
  status: () => number | null;
  messages: { type: string; id?: string; payload?: unknown }[];
  pings: () => number;
  /** The code of the close frame; `cut` where the connection ended without one. */
  end: () => number | 'cut' | null;
};

/** A websocket without a library between, so that anything can be sent on it. Resolves when the upgrade is answered. */
export async function openRawWebSocket(
  url: string,
  headers: Record<string, string> = {},
  protocol: string | null = 'graphql-transport-ws',
): Promise<RawWebSocket> {
  const { hostname, port, host, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const given = {
    host,
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...(protocol !== null && { 'sec-websocket-protocol': protocol }),
    ...headers,
  };
  const lines = Object.entries(given).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n`);
  const messages: RawWebSocket['messages'] = [];
  let status: number | null = null;
  let end: ReturnType<RawWebSocket['end']> = null;
  let pings = 0;
  let unread: Buffer = Buffer.alloc(0);
  const readFrame = (): boolean => {
    const short = (unread[1] ?? 0) & 0x7f;
    const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (unread.length < headBytes) return false;
    const bytes = short === 127 ? Number(unread.readBigUInt64BE(2)) : short === 126 ? unread.readUInt16BE(2) : short;
    if (unread.length < headBytes + bytes) return false;
    const payload = unread.subarray(headBytes, headBytes + bytes);
    const opcode = (unread[0] ?? 0) & 0x0f;
    unread = unread.subarray(headBytes + bytes);
    if (opcode === TEXT) messages.push(JSON.parse(payload.toString()));
    if (opcode === PING) pings += 1;
    if (opcode === CLOSE) end ??= payload.length < 2 ? 1005 : payload.readUInt16BE(0);
    return true;
  };
  socket.on('data', (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    if (status === null) {
      const endOfHead = unread.indexOf('\r\n\r\n');
      if (endOfHead < 0) return;
      status = Number(unread.toString('latin1', 9, 12));
      unread = unread.subarray(endOfHead + 4);
    }
    while (status === 101 && readFrame()) {}
  });
  // A router that closes while more is being sent may reset the connection.
  socket.on('error', () => {});
  socket.on('close', () => {
    end ??= 'cut';
  });
  await until('the answer to the upgrade', () => status !== null || end !== null);
  return { socket, status: () => status, messages, pings: () => pings, end: () => end };
}

/** Begins the protocol on a websocket, and waits until it may be asked something. */
export async function begin(raw: RawWebSocket): Promise<void> {
  raw.socket.write(INIT);
  await until('connection_ack', () => raw.messages.some(({ type }) => type === 'connection_ack'));
}
