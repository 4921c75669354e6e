import type { Writable } from 'node:stream';
import { WebSocket } from 'ws';

/** Enough to keep the line busy, and little enough that thousands of peers that do not read are no burden. */
const BUFFER_BYTES = 64 * 1024;

type Data = Parameters<WebSocket['send']>[0];
type SendOptions = Parameters<WebSocket['send']>[1];
type Done = (err?: Error) => void;

/**
 * A websocket that writes messages which are sent in one go in one system call: by itself it makes one for each, which costs more
 * than all else about a small message. While little waits to be written a message is reported as sent at once, so that a
 * sender that waits for the report has the next ones written with it; else when the system has taken it, so that a peer that
 * does not read holds the sender back. A write that fails after its report closes the socket, as ever.
 */
export class BatchingWebSocket extends WebSocket {
  #stream: Writable | null = null;
  #isCorked = false;

  /** Has messages batched on the stream that this socket writes to. */
  batchOn(stream: Writable): void {
    this.#stream = stream;
  }

  /** Holds back what is written until everything that is ready to run has run: microtasks run before the next tick. */
  #cork(stream: Writable): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }

  override send(data: Data, options?: SendOptions | Done, done?: Done): void {
    const report = typeof options === 'function' ? options : done;
    const given = typeof options === 'object' ? options : {};
    if (this.#stream !== null) this.#cork(this.#stream);
    if (report === undefined || this.bufferedAmount >= BUFFER_BYTES) {
      super.send(data, given, report);
    } else {
      super.send(data, given);
      report();
    }
  }
}
