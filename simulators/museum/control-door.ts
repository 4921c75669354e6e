import {
  BodyTooLargeError,
  type Handler,
  type HttpDoor,
  openHttpDoor,
  readBody,
  sendJson,
} from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import type { SimulatedCloud } from '../appspace/cloud.ts';
import { cloudFaultSchema } from '../appspace/faults.ts';
import { playerChangeSchema, type SimulatedPlayer } from '../appspace/players.ts';
import { faultSchema } from '../displays/faults.ts';
import type { SimulatedDisplay } from '../displays/start-displays.ts';
import { valuesChangeSchema } from '../displays/values.ts';

const BODY_LIMIT_BYTES = 16_384;

const orderSchema = z.strictObject({
  fault: faultSchema.nullable().optional(),
  values: valuesChangeSchema.optional(),
  /** true gives the display back to the story, from which any other order takes it. */
  story: z.boolean().optional(),
});

const playerOrderSchema = playerChangeSchema.extend({ story: z.boolean().optional() });

const cloudOrderSchema = z.strictObject({
  fault: cloudFaultSchema.nullable().optional(),
  /** The cloud itself is never the story's. */
  story: z.undefined().optional(),
});

/** Which displays and players the story may move. */
export type StoryHold = {
  isHeld: (name: string) => boolean;
  hold: (name: string) => void;
  release: (name: string) => void;
};

function show(display: SimulatedDisplay, hold: StoryHold) {
  const { name, profile, port, fault, values, setsReceived } = display;
  return { name, profile, port, fault, values, setsReceived, story: !hold.isHeld(name) };
}

const showPlayer = ({ id, name, state }: SimulatedPlayer, hold: StoryHold) => ({
  ...{ id, name, state },
  story: !hold.isHeld(name),
});

/** The order in a request's body, or what is wrong with it, naming the field. */
function parseOrder<Order>(
  shape: z.ZodType<Order>,
  text: string,
): { order: Order } | { error: string; field: string | null } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (err) {
    return { error: `the body is not JSON: ${err instanceof Error ? err.message : err}`, field: null };
  }
  const parsed = shape.safeParse(body);
  if (parsed.success) return { order: parsed.data };
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const field = [...(issue?.path ?? []), ...unknown.slice(0, 1)].join('.');
  return { error: `${field || 'the body'}: ${issue?.message}`, field: field || null };
}

/** The door of one thing: what it is like, and orders to it. `carryOut` is told of an order once it is sound. */
function thingHandler<Order extends { story?: boolean | undefined }>(options: {
  name: string;
  shape: z.ZodType<Order>;
  hold: StoryHold;
  show: () => unknown;
  carryOut: (order: Order) => void | Promise<void>;
}): Handler {
  const { name, shape, hold, show, carryOut } = options;
  return async (request, response) => {
    if (request.method === 'GET') return sendJson(response, 200, show());
    if (request.method !== 'POST') return sendJson(response, 405, { error: 'this door takes GET and POST' });
    let text: string;
    try {
      text = await readBody(request, BODY_LIMIT_BYTES);
    } catch (err) {
      if (err instanceof BodyTooLargeError) return sendJson(response, 413, { error: err.message });
      throw err;
    }
    const parsed = parseOrder(shape, text);
    if ('error' in parsed) return sendJson(response, 400, parsed);
    // Held first: the story must not move it between the order and its effect.
    if (parsed.order.story === true) hold.release(name);
    else hold.hold(name);
    await carryOut(parsed.order);
    sendJson(response, 200, show());
  };
}

const displayHandler = (display: SimulatedDisplay, hold: StoryHold): Handler =>
  thingHandler({
    name: display.name,
    shape: orderSchema,
    hold,
    show: () => show(display, hold),
    carryOut: ({ fault, values }) => {
      if (fault !== undefined) display.setFault(fault);
      if (values !== undefined) display.set(values);
    },
  });

const playerHandler = (player: SimulatedPlayer, hold: StoryHold): Handler =>
  thingHandler({
    name: player.name,
    shape: playerOrderSchema,
    hold,
    show: () => showPlayer(player, hold),
    carryOut: ({ story: _story, ...change }) => player.change(change),
  });

const showCloud = ({ url, fault }: SimulatedCloud) => ({ url, fault });

const cloudHandler = (cloud: SimulatedCloud): Handler =>
  thingHandler({
    name: cloud.url,
    shape: cloudOrderSchema,
    hold: { isHeld: () => true, hold: () => undefined, release: () => undefined },
    show: () => showCloud(cloud),
    carryOut: ({ fault }) => {
      if (fault !== undefined) cloud.setFault(fault);
    },
  });

/** HTTP on loopback through which anyone at this machine can break and mend displays, players, and the cloud that manages these. */
export function openControlDoor(options: {
  displays: readonly SimulatedDisplay[];
  /** Null where there is none. */
  cloud: SimulatedCloud | null;
  hold: StoryHold;
  logger: Logger;
}): Promise<HttpDoor> {
  const { displays, cloud, hold, logger } = options;
  const players = cloud?.players ?? [];
  const metrics = new Registry();
  new Gauge({
    name: 'wheelhouse_simulated_displays',
    help: 'Simulated displays by the kind of their fault',
    labelNames: ['fault'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { fault } of displays) this.inc({ fault: fault?.kind ?? 'none' });
    },
  });
  new Gauge({
    name: 'wheelhouse_simulated_players',
    help: 'Simulated players by their state',
    labelNames: ['state'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { state } of players) this.inc({ state });
    },
  });
  const routes: Record<string, Handler> = {
    '/displays': (_request, response) =>
      sendJson(response, 200, { displays: displays.map((display) => show(display, hold)) }),
  };
  for (const display of displays)
    routes[`/displays/${encodeURIComponent(display.name)}`] = displayHandler(display, hold);
  if (cloud !== null) {
    routes['/appspace'] = cloudHandler(cloud);
    routes['/players'] = (_request, response) =>
      sendJson(response, 200, { players: players.map((player) => showPlayer(player, hold)) });
  }
  for (const player of players) routes[`/players/${encodeURIComponent(player.name)}`] = playerHandler(player, hold);
  return openHttpDoor({
    host: '127.0.0.1',
    port: 0,
    routes,
    unready: () => null,
    metrics,
    onError: (err) => logger.error({ err }, 'control door failed'),
  });
}
