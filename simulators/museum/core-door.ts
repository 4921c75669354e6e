import { type Handler, sendJson } from '@wheelhouse/kit/http.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { z } from 'zod';
import { readingOf, stateFrom } from '../qsys/control-value.ts';
import { QrcError } from '../qsys/errors.ts';
import { faultSchema } from '../qsys/faults.ts';
import type { Core } from '../qsys/start-cores.ts';
import { OrderError, orderHandler } from './orders.ts';

const AWAY_MS_MAX = 600_000;

const orderSchema = z.strictObject({
  fault: faultSchema.nullable().optional(),
  /** Drops all connections at once. */
  drop: z.literal(true).optional(),
  /** Drops them, is away, and comes back with the values of the design. */
  restart: z.strictObject({ awayMs: z.number().int().min(0).max(AWAY_MS_MAX) }).optional(),
  /** The other of a redundant pair becomes what this one ceases to be. */
  state: z.enum(['Active', 'Standby', 'Idle']).optional(),
  status: z.strictObject({ code: z.number().int().min(0).max(8), text: z.string().max(200) }).optional(),
  /** What happens to controls, by component and name: meters and statuses, too. A status takes "CODE TEXT". */
  values: z.record(z.string(), z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]))).optional(),
});

type Order = z.infer<typeof orderSchema>;
type Values = NonNullable<Order['values']>;

function summaryOf(core: Core) {
  const { name, host, tcpPort, webSocketUrl, user, status, fault, isAway, connections, changeGroups, setsReceived } =
    core;
  return { name, host, tcpPort, webSocketUrl, user, status, fault, isAway, connections, changeGroups, setsReceived };
}

const show = (core: Core) => ({
  ...summaryOf(core),
  values: Object.fromEntries(
    [...core.design.components].map(({ definition, controls }) => [
      definition.name,
      Object.fromEntries(
        [...controls].map(([name, control]) => [name, readingOf(control.definition, control.state).String]),
      ),
    ]),
  ),
});

/** Changes all of the values, or none. @throws OrderError */
function happen({ design }: Core, values: Values): void {
  const changes = Object.entries(values).flatMap(([component, controls]) =>
    Object.entries(controls).map(([name, Value]) => {
      try {
        const control = design.controlOf(component, name);
        const [, code, text] = /^(\d) (.*)$/.exec(String(Value)) ?? [];
        const isStatus = control.definition.kind === 'status' && code !== undefined;
        const given = isStatus ? { Value: Number(code), String: text } : { Value };
        return { control, state: stateFrom(control.definition, given) };
      } catch (err) {
        if (err instanceof QrcError) throw new OrderError(`values.${component}.${name}`, err.message);
        throw err;
      }
    }),
  );
  for (const { control, state } of changes) design.happen(control, state);
}

function obey(core: Core, { fault, drop, restart, state, status, values }: Order, logger: Logger): void {
  if (values !== undefined) happen(core, values);
  if (fault !== undefined) core.setFault(fault);
  if (status !== undefined) core.setStatus(status);
  if (state !== undefined) core.setState(state);
  if (drop) core.dropConnections();
  // Answered at once: it may be away for long.
  if (restart) core.restart(restart).catch((err) => logger.error({ err, core: core.name }, 'core did not come back'));
}

/** The doors through which Cores are broken, changed and mended, by path. */
export function coreRoutes(cores: readonly Core[], logger: Logger): Record<string, Handler> {
  const routes: Record<string, Handler> = {
    '/cores': (_request, response) => sendJson(response, 200, { cores: cores.map(summaryOf) }),
  };
  for (const core of cores) {
    routes[`/cores/${encodeURIComponent(core.name)}`] = orderHandler({
      schema: orderSchema,
      show: () => show(core),
      obey: (order) => obey(core, order, logger),
    });
  }
  return routes;
}
