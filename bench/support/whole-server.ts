// The server process of one machine as `npm start` has it, without its supervisor: subgraphs and router in one. Its settings are its argument.
import { readFile } from 'node:fs/promises';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { readRouterConfig } from '@wheelhouse/router/config.ts';
import { startRouter } from '@wheelhouse/router/main.ts';
import { loadServices } from '@wheelhouse/standalone/services.ts';
import { Registry } from 'prom-client';

const logger = createLogger({ name: 'server', level: 'warn' });
const stops = new StopList(logger);
const settings: Record<string, string> = JSON.parse(process.argv[2] ?? '{}');
const subgraphUrls: Record<string, string> = {};
for (const service of await loadServices()) {
  const host = { logger, stops, metrics: new Registry(), env: { ...settings, PORT: '0' } };
  subgraphUrls[service.name] = (await service.startServer(host)).url;
}
const supergraphSdl = await readFile(new URL('../../supergraph.graphql', import.meta.url), 'utf8');
// One client asks for what a hundred consoles would: no rate is to hold it back.
const config = readRouterConfig({
  ...settings,
  ...{ ROUTER_RATE_COST: '0', ROUTER_RATE_OPERATIONS: '0', ROUTER_RATE_WORK: '0' },
});
const { url } = await startRouter({ supergraphSdl, subgraphUrls, host: '127.0.0.1', port: 0, logger, stops, config });
process.send?.({ url, devicesUrl: subgraphUrls.devices });
process.once('SIGTERM', () => void stops.stop().then(() => process.exit()));
