import { createClient } from 'graphql-sse';
import type { Addresses } from './addresses.ts';
import { endOfAnswer, isAddressAtFault, type RunEnd } from './rules.ts';
import { type LivenessOptions, type Provider, provide, type Result, type Transport } from './transport.ts';

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/**
 * A body in whole lines, whose every chunk is reported, comments included.
 *
 * graphql-sse drops comments, keeps events to itself while a chunk ends within a line, and may wait for ever for a body that ends without
 * "complete". So lines are not split, and the end is an error: graphql-sse has seen "complete" by then if there was one.
 */
async function* watched(body: ReadableStream<Uint8Array>, heard: () => void): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  let rest = new Uint8Array();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error('the stream ended without "complete"');
      heard();
      const bytes = new Uint8Array(rest.length + value.length);
      bytes.set(rest);
      bytes.set(value, rest.length);
      const end = Math.max(bytes.lastIndexOf(LINE_FEED), bytes.lastIndexOf(CARRIAGE_RETURN)) + 1;
      rest = bytes.subarray(end);
      if (end > 0) yield bytes.subarray(0, end);
    }
  } finally {
    // It was aborted, or has ended.
    reader.cancel().catch(() => {});
  }
}

/** JSON, or nothing for what is none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Each subscription over an HTTP response of its own (graphql-sse, "distinct connections mode"). */
export function openSseTransport(options: {
  addresses: Addresses;
  headers: Provider<Record<string, string>> | undefined;
  fetchImpl: typeof fetch;
  liveness: LivenessOptions;
}): Transport {
  const { addresses, headers, fetchImpl, liveness } = options;
  const leavers = new Set<() => void>();

  const subscribe: Transport['subscribe'] = (operation, sink) => {
    const url = addresses.current;
    let isAnswered = false;
    let silenceTimer: ReturnType<typeof setTimeout> | undefined;
    let confirmTimer: ReturnType<typeof setTimeout> | undefined;
    let abort = (): void => {};
    const leave = (): void => {
      leavers.delete(leave);
      clearTimeout(silenceTimer);
      clearTimeout(confirmTimer);
      abort();
    };
    const end = (end: RunEnd): void => {
      if (!leavers.has(leave)) return;
      leave();
      sink.end(end);
    };
    const expectWithin = (timeoutMs: number): void => {
      clearTimeout(silenceTimer);
      silenceTimer = setTimeout(() => {
        if (!isAnswered) addresses.leave(url);
        end({ kind: 'lost', reason: `nothing came for ${timeoutMs} ms` });
      }, timeoutMs);
    };
    const heard = (): void => {
      if (leavers.has(leave)) expectWithin(liveness.silenceTimeoutMs);
    };

    const connect = async (input: unknown, init?: unknown): Promise<unknown> => {
      const response = await fetchImpl(input as string, init as RequestInit);
      const { status, body, headers } = response;
      isAnswered = !isAddressAtFault(status);
      if (!isAnswered) addresses.leave(url);
      if (!response.ok || body === null || !headers.get('content-type')?.startsWith('text/event-stream')) {
        end(endOfAnswer(status, parseJson(await response.text())));
        return response;
      }
      heard();
      return { ok: true, status, statusText: response.statusText, body: watched(body, heard) };
    };

    leavers.add(leave);
    expectWithin(liveness.connectTimeoutMs);
    const client = createClient({
      url,
      headers: async () => (await provide(headers)) ?? {},
      fetchFn: connect,
      retryAttempts: 0,
    });
    abort = client.subscribe(
      operation,
      {
        next: (result) => leavers.has(leave) && sink.result(result as Result),
        error: (err) => {
          if (!isAnswered) addresses.leave(url);
          end({ kind: 'lost', reason: err instanceof Error ? err.message : String(err) });
        },
        complete: () => end({ kind: 'complete' }),
      },
      {
        connected: () => {
          confirmTimer = setTimeout(sink.live, liveness.confirmAfterMs);
        },
      },
    );
    return leave;
  };

  return {
    subscribe,
    close: () => {
      for (const leave of [...leavers]) leave();
    },
  };
}
