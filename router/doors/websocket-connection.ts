import type { IncomingMessage } from 'node:http';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { BatchingWebSocket } from '@wheelhouse/kit/websocket.ts';
import { CloseCode, type Server } from 'graphql-ws';
import type { Fairness } from '../fairness.ts';
import type { Rates } from '../rates.ts';
import { costOfBytes } from './limited.ts';
import { type Connection, TOO_MANY_REQUESTS, TOO_MANY_REQUESTS_CODE } from './websocket-operations.ts';

/** Answers that may wait for a client to read them before no more of what it sends is read. */
const MAX_UNREAD_BYTES = 1024 * 1024;

/** Messages of one client that are dealt with before others get their turn. */
const MESSAGES_A_TURN = 5;

/** What graphql-ws throws for a message that only a server may send: it has no close code for it. */
const isUnexpected = (err: unknown): boolean =>
  err instanceof Error && err.message.startsWith('Unexpected message of type ');

/** Pings in every interval, and cuts the connection of a client that has not answered by the next. */
function keepAlive(socket: BatchingWebSocket, intervalMs: number): void {
  let isAnswered = true;
  const beat = setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    if (!isAnswered) return socket.terminate();
    isAnswered = false;
    socket.ping();
  }, intervalMs);
  socket.on('pong', () => {
    isAnswered = true;
  });
  socket.once('close', () => clearInterval(beat));
}

/**
 * Hands on what a client sends, but not more than a few messages before others get their turn: what came in one piece would else be
 * dealt with in one go, a thousand operations of it; and nothing while its caller rests. Nothing more is read meanwhile, and the order stays.
 *
 * Nor is more read of a client that does not read what it is answered: refusals and pings of the protocol have no other limit (of
 * the websocket's own pings ws counts the answers that wait). When it stays away, its pongs do too, and the connection is cut.
 */
function inTurns(
  socket: BatchingWebSocket,
  stream: IncomingMessage['socket'],
  take: (data: unknown) => Promise<void>,
  restMs: () => number,
): void {
  let taken = 0;
  let waiting: unknown[] = [];
  let awaitsDrain = false;
  let isResting = false;
  const stopReading = (): void => {
    if (!socket.isPaused) socket.pause();
  };
  const readOn = (): void => {
    if (waiting.length > 0 || awaitsDrain) return;
    if (socket.bufferedAmount > MAX_UNREAD_BYTES) {
      awaitsDrain = true;
      stopReading();
      stream.once('drain', () => {
        awaitsDrain = false;
        readOn();
      });
    } else if (socket.isPaused) socket.resume();
  };
  const nextTurn = (): void => {
    taken = 0;
    if (rests()) return;
    const batch = waiting;
    waiting = [];
    for (const data of batch) offer(data);
    readOn();
  };
  /** Whether the next turn comes later, since the caller has to rest. */
  const rests = (): boolean => {
    const ms = restMs();
    if (ms > 0) setTimeout(nextTurn, Math.ceil(ms));
    isResting = ms > 0;
    return isResting;
  };
  const offer = (data: unknown): void => {
    if (taken === 0 && !isResting && !rests()) setImmediate(nextTurn);
    if (taken < MESSAGES_A_TURN && waiting.length === 0 && !isResting) {
      taken += 1;
      void take(data);
      return;
    }
    waiting.push(data);
    stopReading();
  };
  socket.on('message', offer);
}

/**
 * Lets graphql-ws serve one websocket. Its own adapter for ws writes what clients do wrong to the console, stack and all, goes on
 * with what comes from a client that it has closed, and makes an error of one that is gone.
 */
export function serveConnection(
  graphql: Server<Connection>,
  connection: Connection,
  options: { keepAliveMs: number; logger: Logger; rates: Rates; fairness: Fairness },
): void {
  const { socket, request } = connection;
  const { keepAliveMs, logger, rates, fairness } = options;
  socket.batchOn(request.socket);
  // What a client sends is no fault of ours: ws closes the socket with the right code by itself.
  socket.on('error', (err) => logger.debug({ err }, 'a websocket failed'));
  keepAlive(socket, keepAliveMs);
  const closed = graphql.opened(
    {
      protocol: socket.protocol,
      // One that is gone while it is sent something is told nothing more; the end of its operations comes with the close.
      send: (data) =>
        new Promise((resolve) => {
          if (socket.readyState !== socket.OPEN) return resolve();
          socket.send(data, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (take) => {
        inTurns(
          socket,
          request.socket,
          async (data) => {
            if (socket.readyState !== socket.OPEN) return;
            const text = String(data);
            const cost = costOfBytes(text.length);
            if (cost > 0) {
              const { countedAs } = connection;
              if (rates.refusal(countedAs) !== null) return socket.close(TOO_MANY_REQUESTS_CODE, TOO_MANY_REQUESTS);
              fairness.read(countedAs, text.length);
              void rates.take(countedAs, 'work', cost);
            }
            try {
              await take(text);
            } catch (err) {
              if (isUnexpected(err)) return socket.close(CloseCode.BadRequest, 'Invalid message received');
              logger.error({ err }, 'a message of a websocket failed inside the router');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            }
          },
          () => fairness.restMs(connection.countedAs),
        );
      },
    },
    connection,
  );
  socket.once('close', (code, reason) => void closed(code, String(reason)));
}
