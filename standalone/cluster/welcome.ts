import { type SignIn, signInCommands } from '../first-admin.ts';
import { describeEstate, type Registry } from '../welcome.ts';
import type { Cluster, ClusterProcess } from './cluster.ts';

/** `127.0.0.1:5432`: never the password. */
const addressOf = ({ url }: ClusterProcess): string => new URL(url).host;

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}

export type ClusterWelcome = {
  cluster: Cluster;
  /** Null where no simulators run. */
  simulatorsUrl: string | null;
  folder: string;
  registry: Registry;
  signIn: SignIn;
};

/** What is shown when all processes run: which there are, where the graph is, and what to try. */
export async function welcomeToCluster(welcomed: ClusterWelcome): Promise<string> {
  const { cluster, simulatorsUrl, folder, registry, signIn } = welcomed;
  const { processes, graphUrls } = cluster;
  const [graphUrl = ''] = graphUrls;
  const rows = processes.map((one) => [one.name, String(one.replica), String(one.pid ?? 'not ours'), addressOf(one)]);
  const victim = processes.find(({ name }) => name === 'devices') ?? processes[0];
  const simulators = simulatorsUrl === null ? [] : [`  Simulators  ${new URL('/displays', simulatorsUrl)}`];
  return [
    '',
    'Wheelhouse is ready, as many processes.',
    '',
    ...table([['service', 'replica', 'pid', 'address'], ...rows]),
    '',
    `  Open        ${graphUrls.map((url) => new URL('/', url)).join(' or ')}   in a browser, and sign in`,
    `  Sign in     ${signIn.email}`,
    `  Password    ${signIn.shown}`,
    `  Graph       ${graphUrls.join(' and ')}`,
    ...simulators,
    `  Data, logs  ${folder}`,
    `  Queues      ${processes.some(({ name }) => name === 'redis') ? 'in Redis' : 'in PostgreSQL'}`,
    `  Devices     ${await describeEstate(registry)}`,
    '',
    'Each address serves /health/ready and /metrics, save those of PostgreSQL and Redis. Kill any of them, as often as you like:',
    '',
    `  kill -9 ${victim?.pid ?? 'PID'}`,
    '',
    'It is started again at the same address, and what it did is done by the others meanwhile. Watch with',
    '',
    ...signInCommands(graphUrl, signIn, '{ estateSummary { total online degraded offline unknown } }'),
    '',
    'Ctrl-C stops everything.',
    '',
  ].join('\n');
}
