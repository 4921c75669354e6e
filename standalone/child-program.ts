import { ConfigError, environment, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { runUntilSignal } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import type { ServiceHost } from '@wheelhouse/kit/service.ts';
import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * Runs a child of the supervisor: `start` resolves with what the supervisor is to know when the child is ready. A start that
 * fails is told to it in words as well as to the log.
 */
export function runChild(name: string, start: (host: ServiceHost) => Promise<Record<string, unknown>>): Promise<void> {
  const { LOG_LEVEL } = readConfig({ LOG_LEVEL: serviceSettings.LOG_LEVEL });
  const logger = createLogger({ name, level: LOG_LEVEL });
  const metrics = new Registry();
  collectDefaultMetrics({ register: metrics });
  return runUntilSignal(logger, async (stops) => {
    try {
      process.send?.({ kind: 'ready', ...(await start({ logger, stops, env: environment, metrics })) });
    } catch (err) {
      const message = err instanceof Error ? err.message : String(err);
      process.send?.({ kind: 'failed', message: err instanceof ConfigError ? message : message.split('\n')[0] });
      throw err;
    }
  });
}
