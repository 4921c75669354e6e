// The worker process of one machine: the recurring work of every subgraph.
import { readConfig, serviceSettings } from '@wheelhouse/kit/config.ts';
import { openMetricsDoor } from '@wheelhouse/kit/service.ts';
import { runChild } from './child-program.ts';
import { loadServices } from './services.ts';

await runChild('worker', async (host) => {
  const { HOST } = readConfig({ HOST: serviceSettings.HOST }, host.env);
  for (const service of await loadServices()) await service.startWorker(host);
  return openMetricsDoor(host, { host: HOST, port: 0 });
});
