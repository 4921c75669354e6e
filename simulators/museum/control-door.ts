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

/** Which displays the story may move. */
export type StoryHold = {
  isHeld: (name: string) => boolean;
  hold: (name: string) => void;
  release: (name: string) => void;
};

function show(display: SimulatedDisplay, hold: StoryHold) {
  const { name, profile, port, fault, values, setsReceived } = display;
  return { name, profile, port, fault, values, setsReceived, story: !hold.isHeld(name) };
}

/** The order in a request's body, or what is wrong with it, naming the field. */
function parseOrder(text: string): { order: z.infer<typeof orderSchema> } | { error: string; field: string | null } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (err) {
    return { error: `the body is not JSON: ${err instanceof Error ? err.message : err}`, field: null };
  }
  const parsed = orderSchema.safeParse(body);
  if (parsed.success) return { order: parsed.data };
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys : [];
  const field = [...(issue?.path ?? []), ...unknown.slice(0, 1)].join('.');
  return { error: `${field || 'the body'}: ${issue?.message}`, field: field || null };
}

function displayHandler(display: SimulatedDisplay, hold: StoryHold): Handler {
  return async (request, response) => {
    if (request.method === 'GET') return sendJson(response, 200, show(display, hold));
    if (request.method !== 'POST') return sendJson(response, 405, { error: 'this door takes GET and POST' });
    let text: string;
    try {
      text = await readBody(request, BODY_LIMIT_BYTES);
    } catch (err) {
      if (err instanceof BodyTooLargeError) return sendJson(response, 413, { error: err.message });
      throw err;
    }
    const parsed = parseOrder(text);
    if ('error' in parsed) return sendJson(response, 400, parsed);
    const { fault, values, story } = parsed.order;
    if (fault !== undefined) display.setFault(fault);
    if (values !== undefined) display.set(values);
    if (story === true) hold.release(display.name);
    else hold.hold(display.name);
    sendJson(response, 200, show(display, hold));
  };
}

/** HTTP on loopback through which anyone at this machine can break and mend displays. */
export function openControlDoor(options: {
  displays: readonly SimulatedDisplay[];
  hold: StoryHold;
  logger: Logger;
}): Promise<HttpDoor> {
  const { displays, hold, logger } = options;
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
  const routes: Record<string, Handler> = {
    '/displays': (_request, response) =>
      sendJson(response, 200, { displays: displays.map((display) => show(display, hold)) }),
  };
  for (const display of displays)
    routes[`/displays/${encodeURIComponent(display.name)}`] = displayHandler(display, hold);
  return openHttpDoor({
    host: '127.0.0.1',
    port: 0,
    routes,
    unready: () => null,
    metrics,
    onError: (err) => logger.error({ err }, 'control door failed'),
  });
}
