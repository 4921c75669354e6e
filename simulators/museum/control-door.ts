import { type Handler, type HttpDoor, openHttpDoor, sendJson } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import { faultSchema } from '../displays/faults.ts';
import type { SimulatedDisplay } from '../displays/start-displays.ts';
import { valuesChangeSchema } from '../displays/values.ts';
import type { Core } from '../qsys/start-cores.ts';
import { coreRoutes } from './core-door.ts';
import { orderHandler } from './orders.ts';

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

const displayHandler = (display: SimulatedDisplay, hold: StoryHold): Handler =>
  orderHandler({
    schema: orderSchema,
    show: () => show(display, hold),
    obey: ({ fault, values, story }) => {
      if (fault !== undefined) display.setFault(fault);
      if (values !== undefined) display.set(values);
      if (story === true) hold.release(display.name);
      else hold.hold(display.name);
    },
  });

/** HTTP on loopback through which anyone at this machine can break and mend displays and Cores. */
export function openControlDoor(options: {
  displays: readonly SimulatedDisplay[];
  hold: StoryHold;
  cores: readonly Core[];
  logger: Logger;
}): Promise<HttpDoor> {
  const { displays, hold, cores, logger } = options;
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
    name: 'wheelhouse_simulated_cores',
    help: 'Simulated Q-SYS Cores by the kind of their fault',
    labelNames: ['fault'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { fault } of cores) this.inc({ fault: fault?.kind ?? 'none' });
    },
  });
  const routes: Record<string, Handler> = {
    ...coreRoutes(cores, logger),
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
