// The worker process of one machine: the recurring work of every subgraph.
import { runChild } from './child-program.ts';
import { loadServices } from './services.ts';

await runChild('worker', async (host) => {
  for (const service of await loadServices()) await service.startWorker(host);
  return {};
});
