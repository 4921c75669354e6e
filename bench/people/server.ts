// All subgraphs' servers in one process, without a router. Argument: their settings, as JSON. Says where they are, by name.
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { loadServices } from '@wheelhouse/standalone/services.ts';
import { Registry } from 'prom-client';

const logger = createLogger({ name: 'server', level: 'error' });
const stops = new StopList(logger);
const env: NodeJS.ProcessEnv = JSON.parse(process.argv[2] ?? '{}');
const urls: Record<string, string> = {};
for (const { name, startServer } of await loadServices())
  urls[name] = (await startServer({ logger, stops, metrics: new Registry(), env: { ...env, PORT: '0' } })).url;
process.send?.({ urls });
process.once('SIGTERM', () => void stops.stop().then(() => process.exit()));
