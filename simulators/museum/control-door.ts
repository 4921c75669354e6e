import { type Handler, type HttpDoor, openHttpDoor, sendJson } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import type { SimulatedCloud } from '../appspace/cloud.ts';
import { cloudFaultSchema } from '../appspace/faults.ts';
import { playerChangeSchema, type SimulatedPlayer } from '../appspace/players.ts';
import { faultSchema } from '../displays/faults.ts';
import type { SimulatedDisplay } from '../displays/start-displays.ts';
import { valuesChangeSchema } from '../displays/values.ts';
import { exhibitFaultSchema, type SimulatedExhibit } from '../exhibits/start-exhibits.ts';
import type { Core } from '../qsys/start-cores.ts';
import { coreRoutes } from './core-door.ts';
import { orderHandler } from './orders.ts';

const orderSchema = z.strictObject({
  fault: faultSchema.nullable().optional(),
  values: valuesChangeSchema.optional(),
  /** true gives the display back to the story, from which any other order takes it. */
  story: z.boolean().optional(),
});

const exhibitOrderSchema = z.strictObject({
  fault: exhibitFaultSchema.nullable().optional(),
  story: z.boolean().optional(),
});

const playerOrderSchema = playerChangeSchema.extend({ story: z.boolean().optional() });

const cloudOrderSchema = z.strictObject({ fault: cloudFaultSchema.nullable().optional() });

/** Which displays, exhibits and players the story may move. */
export type StoryHold = {
  isHeld: (name: string) => boolean;
  hold: (name: string) => void;
  release: (name: string) => void;
};

function show(display: SimulatedDisplay, hold: StoryHold) {
  const { name, profile, port, fault, values, setsReceived } = display;
  return { name, profile, port, fault, values, setsReceived, story: !hold.isHeld(name) };
}

const showExhibit = ({ name, port, fault }: SimulatedExhibit, hold: StoryHold) => ({
  ...{ name, port, fault },
  story: !hold.isHeld(name),
});

const showPlayer = ({ id, name, state }: SimulatedPlayer, hold: StoryHold) => ({
  ...{ id, name, state },
  story: !hold.isHeld(name),
});

/** The door of one thing of the story, from which every order takes it, but one that gives it back. */
function thingHandler<Order extends { story?: boolean | undefined }>(options: {
  name: string;
  schema: z.ZodType<Order>;
  hold: StoryHold;
  show: () => unknown;
  carryOut: (order: Order) => void | Promise<void>;
}): Handler {
  const { name, schema, hold, show, carryOut } = options;
  return orderHandler({
    schema,
    show,
    async obey(order) {
      // Held first: the story must not move it between the order and its effect.
      if (order.story === true) hold.release(name);
      else hold.hold(name);
      await carryOut(order);
    },
  });
}

const displayHandler = (display: SimulatedDisplay, hold: StoryHold): Handler =>
  thingHandler({
    name: display.name,
    schema: orderSchema,
    hold,
    show: () => show(display, hold),
    carryOut: ({ fault, values }) => {
      if (fault !== undefined) display.setFault(fault);
      if (values !== undefined) display.set(values);
    },
  });

const exhibitHandler = (exhibit: SimulatedExhibit, hold: StoryHold): Handler =>
  thingHandler({
    name: exhibit.name,
    schema: exhibitOrderSchema,
    hold,
    show: () => showExhibit(exhibit, hold),
    carryOut: async ({ fault }) => {
      if (fault !== undefined) await exhibit.setFault(fault);
    },
  });

const playerHandler = (player: SimulatedPlayer, hold: StoryHold): Handler =>
  thingHandler({
    name: player.name,
    schema: playerOrderSchema,
    hold,
    show: () => showPlayer(player, hold),
    carryOut: ({ story: _story, ...change }) => player.change(change),
  });

const showCloud = ({ url, fault }: SimulatedCloud) => ({ url, fault });

const cloudHandler = (cloud: SimulatedCloud): Handler =>
  orderHandler({
    schema: cloudOrderSchema,
    show: () => showCloud(cloud),
    obey: ({ fault }) => {
      if (fault !== undefined) cloud.setFault(fault);
    },
  });

/** HTTP on loopback through which anyone at this machine can break and mend displays, exhibits, Cores, players, and the cloud that manages these. */
export function openControlDoor(options: {
  displays: readonly SimulatedDisplay[];
  exhibits: readonly SimulatedExhibit[];
  /** Null where there is none. */
  cloud: SimulatedCloud | null;
  cores: readonly Core[];
  hold: StoryHold;
  logger: Logger;
}): Promise<HttpDoor> {
  const { displays, exhibits, cloud, cores, hold, logger } = options;
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
    name: 'wheelhouse_simulated_exhibits',
    help: 'Simulated exhibits by the kind of their fault',
    labelNames: ['fault'],
    registers: [metrics],
    collect() {
      this.reset();
      for (const { fault } of exhibits) this.inc({ fault: fault?.kind ?? 'none' });
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
    ...coreRoutes(cores, logger),
    '/displays': (_request, response) =>
      sendJson(response, 200, { displays: displays.map((display) => show(display, hold)) }),
    '/exhibits': (_request, response) =>
      sendJson(response, 200, { exhibits: exhibits.map((exhibit) => showExhibit(exhibit, hold)) }),
  };
  for (const display of displays)
    routes[`/displays/${encodeURIComponent(display.name)}`] = displayHandler(display, hold);
  for (const exhibit of exhibits)
    routes[`/exhibits/${encodeURIComponent(exhibit.name)}`] = exhibitHandler(exhibit, hold);
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
