import { collectDefaultMetrics, Registry } from 'prom-client';
import { z } from 'zod';
import { ConfigError, environment, portSetting, readConfig, serviceSettings } from './config.ts';
import { openHttpDoor } from './http.ts';
import { runUntilSignal, type StopList } from './lifecycle.ts';
import { createLogger, type Logger } from './logger.ts';

/** What a process lends to a service that runs in it. */
export type ServiceHost = {
  logger: Logger;
  /** Everything the service opens is closed by this list. */
  stops: StopList;
  /** The settings, read by the service's config.ts. */
  env: NodeJS.ProcessEnv;
  /** What the process tells Prometheus; names begin with `wheelhouse_<service>_`. */
  metrics: Registry;
};

/**
 * A service as its main.ts exports it. The server answers GraphQL, the worker does the recurring work; one process may hold
 * either or both, of one service or of all.
 */
export type Service = {
  name: string;
  /** Resolves when it listens; `url` is its GraphQL address. */
  startServer: (host: ServiceHost) => Promise<{ url: string }>;
  /** Resolves when its queues are open. */
  startWorker: (host: ServiceHost) => Promise<void>;
};

const runSettings = {
  HOST: serviceSettings.HOST,
  PORT: portSetting(4000),
  RUN: z.enum(['server', 'worker', 'both']).default('both'),
  LOG_LEVEL: serviceSettings.LOG_LEVEL,
};

/** The doors that every process has, /health and /metrics, for one that serves nothing else. */
export async function openMetricsDoor(
  { logger, stops, metrics }: ServiceHost,
  address: { host: string; port: number },
): Promise<{ url: string }> {
  const onError = (err: unknown): void => logger.error({ err }, 'a request failed');
  const door = await openHttpDoor({ ...address, routes: {}, unready: () => null, metrics, onError });
  stops.own('http door', door, ({ close }) => close());
  return { url: door.url };
}

/** Runs one service as a process of its own, in the role that `RUN` names (server, worker or both). */
export async function runService(service: Service): Promise<void> {
  let settings: z.infer<z.ZodObject<typeof runSettings>>;
  try {
    settings = readConfig(runSettings);
  } catch (err) {
    if (!(err instanceof ConfigError)) throw err;
    process.stderr.write(`${err.message}\n`);
    process.exitCode = 1;
    return;
  }
  const { RUN, LOG_LEVEL, HOST, PORT } = settings;
  const logger = createLogger({ name: service.name, level: LOG_LEVEL });
  await runUntilSignal(logger, async (stops) => {
    const metrics = new Registry();
    collectDefaultMetrics({ register: metrics });
    const host: ServiceHost = { logger, stops, env: environment, metrics };
    if (RUN !== 'worker') {
      const { url } = await service.startServer(host);
      logger.info({ url }, 'serving');
    }
    if (RUN !== 'server') await service.startWorker(host);
    if (RUN === 'worker') await openMetricsDoor(host, { host: HOST, port: PORT });
  });
}
