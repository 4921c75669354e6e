// The server process of one machine: every subgraph's server, and the router in front of them.
import { readFile } from 'node:fs/promises';
import { portSetting, readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { startRouter } from '@wheelhouse/router/main.ts';
import { z } from 'zod';
import { runChild } from './child-program.ts';
import { EXAMPLE_QUERY } from './example-query.ts';
import { loadServices } from './services.ts';

const argumentsShape = z.record(z.string(), z.number());

await runChild('server', async (host) => {
  const { logger, stops, env } = host;
  const { HOST, PORT } = readConfig({ HOST: serviceSettings.HOST, PORT: portSetting(4000) }, env);
  const [, , , routerHost = HOST] = process.argv;
  // The supervisor gives the subgraphs their ports, the same ones at every start: the worker knows them.
  const ports = argumentsShape.parse(JSON.parse(process.argv[2] ?? '{}'));
  const services = await loadServices();
  const started = await Promise.all(
    services.map(async (service) => {
      const { url } = await service.startServer({ ...host, env: { ...env, PORT: String(ports[service.name] ?? 0) } });
      return [service.name, url] as const;
    }),
  );
  const subgraphUrls = Object.fromEntries(started);
  const supergraphSdl = await readFile(new URL('../supergraph.graphql', import.meta.url), 'utf8');
  const { url } = await startRouter({
    supergraphSdl,
    subgraphUrls,
    host: routerHost,
    port: PORT,
    exampleQuery: EXAMPLE_QUERY,
    logger,
    stops,
  });
  return { url };
});
