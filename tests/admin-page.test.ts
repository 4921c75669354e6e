import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

const MAIN = fileURLToPath(new URL('../subgraphs/entertainment/main.ts', import.meta.url));
const SERVICES = `{ services {
  name state stateReason
  processes { role state pid version revision startedAt lastSeenAt }
  sweep { intervalSeconds missedSlots lastFinished { planned visited leftOut durationSeconds } }
  queues { name waiting }
} }`;

describe('what an admin asks the graph for', () => {
  let wheelhouse: Wheelhouse;
  let worker: ChildProcess | null = null;
  beforeAll(async () => {
    wheelhouse = await startWheelhouse({ WHEELHOUSE_SECRET_KEY: 'ab'.repeat(32) });
  });
  afterAll(async () => {
    worker?.kill('SIGKILL');
    await wheelhouse.close();
  });

  const services = async () => {
    const { data, errors } = await wheelhouse.query(SERVICES);
    expect(errors).toBeUndefined();
    return data?.services;
  };
  const serviceNamed = async (name: string) =>
    (await services()).find((service: { name: string }) => service.name === name);
  const workerOf = ({ processes }: { processes: { role: string }[] }) =>
    processes.find(({ role }) => role === 'WORKER');

  const ESTATE = `devices:
  - { name: One, system: ENTERTAINMENT, site: museum, ping: { host: 127.0.0.1, method: TCP, port: 9 } }
  - { name: Two, system: ENTERTAINMENT, site: museum, ping: { host: 127.0.0.1, method: TCP, port: 9 } }
`;
  const PLAN = `mutation ($content: String!) { planEstateImport(content: $content) {
    plan { id added changed unchanged differences { nodes { kind externalId line fields { field before after isSecret } } pageInfo { hasNextPage } } }
    userErrors { field code message path line column } } }`;
  const APPLY = `mutation ($plan: ID!) { applyEstateImport(plan: $plan) {
    outcome { added changed unchanged sitesChanged } userErrors { field code message } } }`;
  const IMPORT = `mutation ($input: ImportEstateInput!) { importEstate(input: $input) {
    outcome { added changed unchanged } userErrors { field code message path line column } } }`;

  it('takes an estate file over by its differences', async () => {
    const planned = (await wheelhouse.query(PLAN, { content: ESTATE })).data?.planEstateImport;
    expect(planned).toMatchObject({ userErrors: [], plan: { added: 2, changed: 0, unchanged: 0 } });
    expect(planned.plan.differences.nodes[1]).toMatchObject({
      kind: 'DEVICE_ADDED',
      externalId: 'museum/Two',
      line: 3,
    });
    const { id } = planned.plan;
    const again = await wheelhouse.query(
      'query ($id: ID!) { estateImportPlan(id: $id) { added differences(first: 1) { nodes { line } pageInfo { hasNextPage endCursor } } } }',
      { id },
    );
    expect(again.data?.estateImportPlan).toMatchObject({
      ...{ added: 2, differences: { nodes: [{ line: 2 }], pageInfo: { hasNextPage: true } } },
    });
    const next = await wheelhouse.query(
      'query ($id: ID!, $after: String) { estateImportPlan(id: $id) { differences(first: 1, after: $after) { nodes { line } pageInfo { hasNextPage } } } }',
      { id, after: again.data?.estateImportPlan.differences.pageInfo.endCursor },
    );
    expect(next.data?.estateImportPlan.differences).toEqual({ nodes: [{ line: 3 }], pageInfo: { hasNextPage: false } });
    const narrowed = await wheelhouse.query(
      'query ($id: ID!, $filter: EstateDifferenceFilter) { estateImportPlan(id: $id) { differences(filter: $filter, first: 1) { totalCount nodes { line } pageInfo { hasNextPage } } } }',
      { id, filter: { kinds: ['DEVICE_ADDED'], search: 'two' } },
    );
    expect(narrowed.data?.estateImportPlan.differences).toEqual({
      ...{ totalCount: 1, nodes: [{ line: 3 }], pageInfo: { hasNextPage: false } },
    });
    const applied = await wheelhouse.query(APPLY, { plan: id });
    expect(applied.data?.applyEstateImport).toEqual({
      ...{ outcome: { added: 2, changed: 0, unchanged: 0, sitesChanged: 0 }, userErrors: [] },
    });
    const input = { content: ESTATE.replace('port: 9', 'port: 99999'), idempotencyKey: 'once' };
    const refused = await wheelhouse.query(IMPORT, { input });
    expect(refused.data?.importEstate).toMatchObject({
      outcome: null,
      userErrors: [{ field: 'input.content', code: 'INVALID', path: 'devices[0].ping.port', line: 2, column: 99 }],
    });
    const same = await wheelhouse.query(IMPORT, { input: { content: ESTATE, idempotencyKey: 'once' } });
    expect(same.data?.importEstate.outcome).toEqual({ added: 0, changed: 0, unchanged: 2 });
  });

  it('tells of services that nobody started, and of a worker that was killed', async () => {
    for (const service of await services()) {
      expect(service).toMatchObject({ state: 'MISSING', stateReason: 'no worker was heard of in the last hour' });
      expect(service.processes).toMatchObject([{ role: 'SERVER', pid: process.pid }]);
    }
    expect((await services()).map(({ name }: { name: string }) => name)).toEqual([
      'accounts',
      'appspace',
      'devices',
      'entertainment',
      'fida',
      'history',
      'qsys',
    ]);
    const child = spawn(process.execPath, [MAIN], {
      stdio: 'ignore',
      env: {
        ...{ PATH: process.env.PATH, DATABASE_URL: wheelhouse.databaseUrl, RUN: 'worker', PORT: '0' },
        ...{ WHEELHOUSE_SERVICE_TOKEN: 'x'.repeat(16), WHEELHOUSE_SECRET_KEY: 'ab'.repeat(32) },
        ...{ WHEELHOUSE_REVISION: 'abc123' },
      },
    });
    worker = child;
    const up = await eventually(
      'a worker is up and has swept',
      async () => {
        const service = await serviceNamed('entertainment');
        return service.state === 'UP' && service.sweep?.lastFinished && service.queues.length > 0 ? service : null;
      },
      60_000,
    );
    expect(workerOf(up)).toMatchObject({ state: 'UP', pid: child.pid, revision: 'abc123' });
    expect(up.sweep).toMatchObject({ intervalSeconds: 60, lastFinished: { planned: 0, visited: 0, leftOut: 0 } });
    expect(up.queues.map(({ name }: { name: string }) => name)).toContain('entertainment-chunks');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const down = await eventually(
      'the worker is silent',
      async () => {
        const service = await serviceNamed('entertainment');
        return service.state === 'DOWN' ? service : null;
      },
      60_000,
    );
    const silent = workerOf(down) as { state: string; lastSeenAt: string } | undefined;
    expect(silent).toMatchObject({ state: 'SILENT', pid: child.pid });
    expect(down.stateReason).toMatch(/no worker is there: the last one was last heard of \d+ s ago/);
    expect((await serviceNamed('fida')).state).toBe('MISSING');
  });
});
