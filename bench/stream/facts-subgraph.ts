// A subgraph that adds a field to the devices of the log: what has to be fetched for each event that asks for it.
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { Registry } from 'prom-client';
import { anybody } from './identity.ts';
import { factsSdl } from './sdl.ts';

const logger = createLogger({ name: 'bench', level: 'error' });
const { url } = await startSubgraphServer({
  sdl: factsSdl,
  resolvers: { Device: { __resolveReference: ({ id }: { id: string }) => ({ id, brightnessPercent: 70 }) } },
  contextOf: (identity) => ({ identity }),
  identityReader: anybody,
  host: '127.0.0.1',
  port: 0,
  unready: () => Promise.resolve(null),
  metrics: new Registry(),
  logger,
  stops: new StopList(logger),
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url });
