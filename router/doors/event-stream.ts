import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { BodyTooLargeError, sendJson } from '@wheelhouse/kit/http.ts';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Access } from '../access/access.ts';
import { type OperationContext, wantsCost } from '../context.ts';
import { endOfCaller } from '../introduce.ts';
import { SubscriptionRefusedError } from '../subscriptions/upstream.ts';
import { RequestFaultError, readOperation } from './event-stream-request.ts';
import type { IntroducedHandler } from './limited.ts';
import type { AskedOperation, OperationRoad } from './operation.ts';
import { refuseCaller } from './refuse-caller.ts';

/** A comment: clients pass over it. */
const COMMENT = ':\n\n';
const COMPLETE = 'event: complete\ndata:\n\n';

export type EventStreamDoor = {
  handle: IntroducedHandler;
  /** Ends subscriptions without `complete`, which would tell clients not to come back; takes no more. */
  close: () => void;
};

const eventOf = (result: ExecutionResult | { errors: readonly unknown[] }): string =>
  `event: next\ndata: ${JSON.stringify(result)}\n\n`;

/** What a stream ended with, as the errors of a last event. @throws whatever else it is: a fault of the router's own */
const endOf = (err: unknown): readonly unknown[] => {
  if (err instanceof SubscriptionRefusedError) return err.errors;
  if (err instanceof GraphQLError) return [err.toJSON()];
  throw err;
};

function refuse(response: ServerResponse, err: unknown): void {
  if (err instanceof GraphQLError) {
    refuseCaller(response, err);
    return;
  }
  if (!(err instanceof BodyTooLargeError || err instanceof RequestFaultError)) throw err;
  const status = err instanceof RequestFaultError ? err.status : 413;
  if (status === 405) response.setHeader('allow', 'GET, POST');
  sendJson(response, status, { errors: [{ message: err.message, extensions: { code: err.code } }] });
}

/**
 * Sends a comment in every interval, and cuts the connection of a client that has taken nothing for two: what waits for it would
 * be kept for as long as it likes.
 */
function keepAlive(response: ServerResponse, intervalMs: number): void {
  let isStuck = false;
  const beat = setInterval(() => {
    // One that waits for the socket is enough.
    if (!response.writableNeedDrain && !response.writableEnded) response.write(COMMENT);
    else if (isStuck) response.destroy();
    else isStuck = true;
  }, intervalMs);
  response.on('drain', () => {
    isStuck = false;
  });
  response.once('close', () => clearInterval(beat));
}

/**
 * GraphQL over server-sent events, as the protocol of graphql-sse has it in its "distinct connections mode": one operation a
 * request, `next` events and then `complete`. That library's own server keeps what a slow client has not read without a limit;
 * here the next event is asked for when the one before has been taken by the socket.
 *
 * @param keepAliveMs how often a comment is sent, so that both sides notice a connection that is dead
 */
export function openEventStreamDoor(
  road: OperationRoad,
  access: () => Access | null,
  keepAliveMs: number,
): EventStreamDoor {
  let isClosing = false;
  const streams = new Set<() => void>();
  const handle: IntroducedHandler = async (introduced, request, response) => {
    if (isClosing) return sendJson(response.setHeader('retry-after', 1), 503, { error: 'the router is stopping' });
    let asked: AskedOperation;
    try {
      asked = await readOperation(request);
    } catch (err) {
      // It left before it had asked.
      if (request.errored !== null) return;
      return refuse(response, err);
    }
    // The request may have come slowly.
    const end = endOfCaller(access(), introduced.caller);
    if (end !== null) return refuse(response, end);
    const admitted = road.admit(asked, 'sse', introduced.headers, introduced.countedAs);
    const isMutation = !Array.isArray(admitted) && admitted.prepared.operation.operation === 'mutation';
    if (isMutation && request.method === 'GET') {
      admitted.stage?.endOperation({ type: 'mutation', name: asked.operationName, outcome: 'refused' });
      const errors = [{ message: 'A mutation must be sent by POST', extensions: { code: 'BAD_REQUEST' } }];
      return sendJson(response.setHeader('allow', 'POST'), 405, { errors });
    }
    const aborter = new AbortController();
    response.once('close', () => aborter.abort());
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      // Proxies that gather answers would hold events back.
      'x-accel-buffering': 'no',
    });
    // Some browsers take a stream for open only when something has come.
    response.write(COMMENT);
    keepAlive(response, keepAliveMs);
    const send = async (text: string): Promise<void> => {
      if (!response.write(text) && !aborter.signal.aborted) {
        await once(response, 'drain', { signal: aborter.signal }).catch(() => {});
      }
    };
    const caller = { ...introduced, signal: aborter.signal, showsCost: wantsCost(request.headers) };
    const { isCut } = await stream(road, admitted, caller, send, streams);
    response.end(isCut ? undefined : COMPLETE);
  };
  return {
    handle,
    close: () => {
      isClosing = true;
      for (const cut of streams) cut();
    },
  };
}

async function stream(
  road: OperationRoad,
  admitted: ReturnType<OperationRoad['admit']>,
  caller: OperationContext,
  send: (text: string) => Promise<void>,
  streams: Set<() => void>,
): Promise<{ isCut: boolean }> {
  const performed = Array.isArray(admitted)
    ? { errors: admitted }
    : await road.perform(admitted, { ...caller, stage: admitted.stage });
  if (!(Symbol.asyncIterator in performed)) {
    await send(eventOf(performed));
    return { isCut: false };
  }
  let isCut = false;
  const leave = (): void => void performed.return();
  const cut = (): void => {
    isCut = true;
    leave();
  };
  streams.add(cut);
  caller.signal.addEventListener('abort', leave, { once: true });
  if (caller.signal.aborted) leave();
  try {
    for await (const result of performed) await send(eventOf(result));
  } catch (err) {
    await send(eventOf({ errors: endOf(err) }));
  } finally {
    streams.delete(cut);
  }
  return { isCut };
}
