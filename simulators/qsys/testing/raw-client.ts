import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished } from 'vitest';

// What these clients read is whatever the Core sends; tests say what it must look like.
export type Message = { id?: unknown; method?: string; params?: unknown; result?: unknown; error?: unknown };

/** A client that knows no more of QRC than NULs and JSON. */
export async function rawClient(port: number) {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.setNoDelay(true);
  const chunks: Buffer[] = [];
  let parts: string[] = [];
  const decoder = new TextDecoder();
  const messages: Message[] = [];
  const state = { isClosed: false, bytes: 0 };
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    state.bytes += chunk.length;
    const frames = decoder.decode(chunk, { stream: true }).split('\0');
    parts.push(frames.shift() ?? '');
    for (const next of frames) {
      const frame = parts.join('');
      parts = [next];
      try {
        messages.push(JSON.parse(frame));
      } catch {
        messages.push({ method: `not JSON: ${frame.slice(0, 40)}` });
      }
    }
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    state.isClosed = true;
  });
  await once(socket, 'connect');
  let lastId = 0;

  const write = (octets: string | Buffer): void => void socket.write(octets);
  const send = (message: unknown): void => write(`${JSON.stringify(message)}\0`);
  const answerTo = (id: unknown): Promise<Message> =>
    expect
      .poll(() => messages.find((message) => JSON.stringify(message.id) === JSON.stringify(id)) ?? null, {
        interval: 2,
        timeout: 10_000,
      })
      .not.toBeNull()
      .then(() => messages.find((message) => JSON.stringify(message.id) === JSON.stringify(id)) ?? {});

  /** The whole answer. */
  const ask = (method: string, params?: unknown, id: unknown = ++lastId): Promise<Message> => {
    send({ jsonrpc: '2.0', method, params, id });
    return answerTo(id);
  };
  const closed = () => expect.poll(() => state.isClosed, { interval: 2, timeout: 40_000 }).toBe(true);
  /** Messages of this method that have come by themselves. */
  const pushed = (method: string): Message[] => messages.filter((message) => message.method === method);

  return { socket, chunks, messages, state, write, send, ask, answerTo, closed, pushed };
}

export type RawClient = Awaited<ReturnType<typeof rawClient>>;
