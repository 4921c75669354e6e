import { isIPv6 } from 'node:net';
import { z } from 'zod';
import { type ClientState, isRefusal, QRC_DEFAULTS, QrcClient } from './qrc/client.ts';
import type { CallResult } from './qrc/connection.ts';
import type { Ended, QrcAddress } from './qrc/transport.ts';
import type { Watch } from './qrc/watch.ts';
import type { CoreLink, CoreTarget, Failure, OpenLink, Reply, WatchListener } from './qrc.ts';

/** Where the vendor serves QRC over a websocket. */
const WEBSOCKET_PATH = '/qrc-public-api/v0';

export function addressOf({ host, port, transport, fingerprint }: CoreTarget): QrcAddress {
  if (transport === 'TCP') return { transport, host, port };
  const place = `${isIPv6(host) ? `[${host}]` : host}:${port}${WEBSOCKET_PATH}`;
  if (transport === 'WEBSOCKET') return { transport, url: `ws://${place}` };
  return { transport: 'WEBSOCKET', url: `wss://${place}`, ...(fingerprint !== null && { fingerprint }) };
}

const couldNotLook = (code: string, text: string): Failure => ({ kind: 'couldNotLook', cause: { code, text } });

/** What the end of a connection, or of the attempt to make one, says of the Core. */
export function failureOf({ loss, detail }: Ended): Failure {
  switch (loss) {
    case 'CONNECT_FAILED':
      if (/\b(ENOTFOUND|EAI_AGAIN)\b/.test(detail)) return couldNotLook('HOST_NOT_FOUND', detail);
      if (/\b(ENETUNREACH|EADDRNOTAVAIL|EMFILE)\b/.test(detail)) return couldNotLook('NO_CONNECTION', detail);
      return { kind: 'silent', detail };
    case 'CONNECT_TIMEOUT':
    case 'CLOSED_BY_CORE':
    case 'NO_ANSWER':
      return { kind: 'silent', detail };
    case 'FRAME_TOO_LARGE':
    case 'GARBAGE':
      return couldNotLook('MALFORMED', detail);
    case 'CERTIFICATE_REFUSED':
      return couldNotLook('CERTIFICATE_REJECTED', detail);
    case 'LOGON_REFUSED':
      // In our words: what a Core says of a logon may hold a part of it.
      return couldNotLook('CREDENTIALS_REJECTED', 'the Core asks for a logon that it was not given, or refused it');
    case 'CLOSED':
      return couldNotLook('CLOSED', 'the connection was closed by us');
    default:
      return loss satisfies never;
  }
}

const STOPPED = failureOf({ loss: 'CLOSED', detail: '' });

/** Null when the signal comes first: who asked does not want to know any more. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function replyOf(result: CallResult<unknown>, ended: Ended | null, roundTripMs: number): Reply {
  switch (result.kind) {
    case 'answered':
      return { kind: 'result', result: result.value, roundTripMs };
    case 'refused':
      return { kind: 'refused', code: result.reason, detail: result.message, roundTripMs };
    case 'malformed':
      return couldNotLook('MALFORMED', result.detail);
    case 'unanswered':
      return result.reason === 'DROPPED' && ended !== null
        ? failureOf(ended)
        : { kind: 'silent', detail: result.detail };
    case 'notSent':
      return couldNotLook(result.reason, result.detail);
    default:
      return result satisfies never;
  }
}

/**
 * A road to a Core over a connection that is made when it is first needed, kept, and made again when it is lost. One that does not answer
 * within the deadline is given up: what comes over it later would be late, and a Core without power never says so.
 *
 * @param options.timeoutMs how long a connection with its logon may take, and each answer
 */
export const createLinkOpener =
  ({ timeoutMs }: { timeoutMs: number }): OpenLink =>
  (target): CoreLink => {
    let client: QrcClient | null = null;
    let watched: { watches: readonly Watch[]; listener: WatchListener } | null = null;
    let lastEnded: Ended | null = null;
    let isClosed = false;
    const waiting = new Set<(state: ClientState) => void>();

    const heard = (state: ClientState): void => {
      if (state.phase === 'waiting') lastEnded = state.ended;
      for (const tell of waiting) tell(state);
    };
    const open = (): QrcClient => {
      const { logon } = target;
      client = new QrcClient(
        { ...addressOf(target), ...(logon && { logon }) },
        {
          options: { ...QRC_DEFAULTS, connectTimeoutMs: timeoutMs, callTimeoutMs: timeoutMs },
          listener: {
            changed: (_id, changes) => watched?.listener.changed(changes),
            watched: (_id, made) => watched?.listener.watched(made),
            status: ({ state, designCode }) => {
              if (state === 'Active') watched?.listener.designRuns(designCode);
            },
            state: heard,
          },
        },
      );
      if (watched !== null) client.watch(watched.watches);
      return client;
    };
    const giveUp = (): void => {
      // What ended before says nothing of the requests that end with this.
      lastEnded = null;
      client?.close();
      client = null;
      if (watched !== null && !isClosed) open();
    };

    /** Null when there is a connection; else why there is none. */
    const connected = (opened: QrcClient, signal: AbortSignal): Promise<Failure | null> => {
      const { state } = opened;
      if (state.phase === 'ready') return Promise.resolve(null);
      // It will be long before it is tried again.
      if (state.phase === 'waiting' && isRefusal(state.ended)) return Promise.resolve(failureOf(state.ended));
      return new Promise((resolve) => {
        const settle = (failure: Failure | null): void => {
          waiting.delete(tell);
          clearTimeout(timer);
          signal.removeEventListener('abort', stop);
          resolve(failure);
        };
        const tell = (next: ClientState): void => {
          if (next.phase === 'ready') settle(null);
          else if (next.phase === 'waiting') settle(failureOf(next.ended));
          else if (next.phase === 'closed') settle(STOPPED);
        };
        const stop = (): void => settle(STOPPED);
        const timer = setTimeout(
          () => settle({ kind: 'silent', detail: lastEnded?.detail ?? `no connection within ${timeoutMs} ms` }),
          2 * timeoutMs,
        );
        waiting.add(tell);
        signal.addEventListener('abort', stop);
        if (signal.aborted) stop();
      });
    };

    return {
      watch: (watches, listener) => {
        if (isClosed) return;
        watched = { watches, listener };
        (client ?? open()).watch(watches);
      },
      request: async (method, params, signal) => {
        if (isClosed) return STOPPED;
        const opened = client ?? open();
        const failure = await connected(opened, signal);
        if (failure !== null) return failure;
        const startedMs = performance.now();
        const result = await untilAborted(opened.call(method, params, z.unknown()), signal);
        if (result === null) return STOPPED;
        const reply = replyOf(result, lastEnded, performance.now() - startedMs);
        if (result.kind === 'unanswered' && result.reason === 'DEADLINE' && client === opened) giveUp();
        return reply;
      },
      close: () => {
        isClosed = true;
        giveUp();
      },
    };
  };
