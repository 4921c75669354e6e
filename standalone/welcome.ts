import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const QUERY = '{ estateSummary { total online degraded offline unknown bySystem { system total } } }';

const answerShape = z.object({
  data: z.object({
    estateSummary: z.object({
      total: z.number(),
      online: z.number(),
      degraded: z.number(),
      offline: z.number(),
      unknown: z.number(),
      bySystem: z.array(z.object({ system: z.string(), total: z.number() })),
    }),
  }),
});

/** Long enough for a first look at every answering device of a small estate; the start does not wait for dead ones. */
const FIRST_LOOK_MS = 4_000;

async function readSummary(graphUrl: string): Promise<z.infer<typeof answerShape>['data']['estateSummary']> {
  const response = await fetch(graphUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY }),
    signal: AbortSignal.timeout(10_000),
  });
  return answerShape.parse(await response.json()).data.estateSummary;
}

/** Waits until something is known of every device, but no longer than a newcomer would like to. */
export async function firstLook(graphUrl: string): Promise<void> {
  const end = performance.now() + FIRST_LOOK_MS;
  while ((await readSummary(graphUrl)).unknown > 0 && performance.now() < end) await sleep(200);
}

/** One line on how many devices there are, asked of the graph itself. */
export async function describeEstate(graphUrl: string): Promise<string> {
  const { total, bySystem, ...statuses } = await readSummary(graphUrl);
  if (total === 0) return 'none yet: add one with the addDevice mutation, or start with --estate FILE';
  const systems = bySystem.map(({ system, total: count }) => `${count} ${system}`).join(', ');
  const counts = Object.entries(statuses).flatMap(([status, count]) => (count > 0 ? [`${count} ${status}`] : []));
  return `${total} (${systems}): ${counts.join(', ')}`;
}

export type Welcome = {
  graphUrl: string;
  workerUrl: string;
  /** Null where no simulators run. */
  simulatorsUrl: string | null;
  folder: string;
  /** Where the queues are. */
  queues: string;
};

/** What a newcomer sees when everything runs: where things are, and what to try first. */
export async function welcome({ graphUrl, workerUrl, simulatorsUrl, folder, queues }: Welcome): Promise<string> {
  const page = new URL(graphUrl);
  if (page.hostname === '127.0.0.1') page.hostname = 'localhost';
  const simulators =
    simulatorsUrl === null
      ? []
      : [`  Simulators  ${new URL('/displays', simulatorsUrl)}   (also /exhibits, /players, /cores)`];
  return [
    '',
    'Wheelhouse is ready.',
    '',
    `  Graph       ${page}   (GraphiQL in a browser)`,
    `  Health      ${new URL('/health/ready', page)}`,
    `  Metrics     ${new URL('/metrics', page)} and, of the worker, ${new URL('/metrics', workerUrl)}`,
    ...simulators,
    `  Data, logs  ${folder}`,
    `  Queues      ${queues}`,
    `  Devices     ${await describeEstate(graphUrl)}`,
    '',
    'Try first:',
    '',
    `  curl -s ${page} -H 'content-type: application/json' \\`,
    `    -d '{"query":"{ devices(first: 5) { totalCount nodes { name site status } } }"}'`,
    '',
    `Then open ${page} in a browser and watch changes as they happen:`,
    '',
    '  subscription { deviceStatusChanged { at from to reason device { name site } } }',
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}
