import { setTimeout as sleep } from 'node:timers/promises';
import { createIdentitySigner, IDENTITY_HEADER } from '@wheelhouse/kit/identity.ts';
import { z } from 'zod';
import { isLoopback } from './config.ts';
import { type SignIn, signInCommands } from './first-admin.ts';

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

/** Where the registry is asked, and by what it knows us: whoever starts everything has no account. */
export type Registry = { devicesUrl: string; serviceToken: string };

/** What a service takes for the starter: it may look at all devices. */
const STARTER = {
  ...{ sub: 'service:standalone', sid: 'service:standalone', name: 'standalone', origin: null },
  grants: [{ scopes: ['estate:read'], site: null }],
};

async function readSummary(registry: Registry): Promise<z.infer<typeof answerShape>['data']['estateSummary']> {
  const sign = createIdentitySigner(registry.serviceToken, () => new Date());
  const response = await fetch(new URL('/graphql', registry.devicesUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: await sign(STARTER, 'devices') },
    body: JSON.stringify({ query: QUERY }),
    signal: AbortSignal.timeout(10_000),
  });
  return answerShape.parse(await response.json()).data.estateSummary;
}

/** Waits until something is known of every device, but no longer than a newcomer would like to. */
export async function firstLook(registry: Registry): Promise<void> {
  const end = performance.now() + FIRST_LOOK_MS;
  while ((await readSummary(registry)).unknown > 0 && performance.now() < end) await sleep(200);
}

/** One line on how many devices there are. */
export async function describeEstate(registry: Registry): Promise<string> {
  const { total, bySystem, ...statuses } = await readSummary(registry);
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
  registry: Registry;
  signIn: SignIn;
};

/** GraphiQL is served where only this machine's users reach it. */
const watching = (page: URL): string[] => [
  `Or watch changes as they happen in GraphiQL, signed in as you are, at ${new URL('/explorer', page)}:`,
  '',
  '  subscription { deviceStatusChanged { at from to reason device { name site } } }',
  '',
];

/** What a newcomer sees when everything runs: where things are, and what to try first. */
export async function welcome({ graphUrl, workerUrl, simulatorsUrl, ...welcomed }: Welcome): Promise<string> {
  const { folder, queues, registry, signIn } = welcomed;
  const page = new URL(graphUrl);
  const isWide = !isLoopback(page.hostname.replace(/^\[|\]$/g, ''));
  // Every address of this machine is no address to open.
  if (['127.0.0.1', '0.0.0.0', '[::]'].includes(page.hostname)) page.hostname = 'localhost';
  const simulators =
    simulatorsUrl === null
      ? []
      : [`  Simulators  ${new URL('/displays', simulatorsUrl)}   (also /exhibits, /players, /cores)`];
  return [
    '',
    'Wheelhouse is ready.',
    '',
    `  Open        ${new URL('/', page)}   in a browser, and sign in`,
    `  Sign in     ${signIn.email}`,
    `  Password    ${signIn.shown}`,
    `  Graph       ${page}`,
    ...(isWide ? ['  Reach       other machines too, without encryption: put a proxy with TLS in front of it'] : []),
    `  Health      ${new URL('/health/ready', page)}`,
    `  Metrics     ${new URL('/metrics', page)} and, of the worker, ${new URL('/metrics', workerUrl)}`,
    ...simulators,
    `  Data, logs  ${folder}`,
    `  Queues      ${queues}`,
    `  Devices     ${await describeEstate(registry)}`,
    '',
    'Programs ask the graph:',
    '',
    ...signInCommands(page, signIn, '{ devices(first: 5) { totalCount nodes { name site status } } }'),
    '',
    ...(isWide ? [] : watching(page)),
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}
