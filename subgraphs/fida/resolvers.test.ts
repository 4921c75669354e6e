import { buildSubgraphSchema } from '@apollo/subgraph';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import type { Asserted } from '@wheelhouse/kit/identity.ts';
import { openLogWatch } from '@wheelhouse/kit/log-watch.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { openOutcomes } from '@wheelhouse/kit/settings-outcomes.ts';
import { requestChanges } from '@wheelhouse/kit/settings-requests.ts';
import { type GraphQLSchema, graphql, parse } from 'graphql';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../tests/database.ts';
import { admin, inRole } from '../../tests/identities.ts';
import { createContext } from './context.ts';
import { resolvers } from './resolvers.ts';
import { settingsMetrics } from './settings-metrics.ts';
import { settingsTables, targets } from './tables.ts';

const logger = createLogger({ name: 'test', level: 'silent' });
const ENTITIES = `query ($list: [_Any!]!) { _entities(representations: $list) {
  ... on SettingsChange { id state wanted settingsVersion requestedBy }
  ... on FidaDisplay { id settingsVersion power settable { name } } } }`;

describe("fida's entities", () => {
  let database: TestDatabase;
  let handle: DatabaseHandle;
  let schema: GraphQLSchema;
  let outcomes: Awaited<ReturnType<typeof openOutcomes>>;
  const statements = new Registry();

  beforeAll(async () => {
    database = await createMigratedDatabase();
    handle = openDatabase(database.url, { metrics: { registry: statements, service: 'testing' } });
    outcomes = await openOutcomes({ db: handle.db, logs: openLogWatch(handle), tables: settingsTables, logger });
    const typeDefs = parse(await readSubgraphSdl(new URL('./', import.meta.url)));
    schema = buildSubgraphSchema([{ typeDefs, resolvers }]);
    const common = { site: 'museum', timeZone: 'UTC', version: 1, removed: false, sealed: null };
    const connection = { host: 'h', port: 1, version: 'V2C', profile: 'wheelhouse-fida' };
    const ids = Array.from({ length: 50 }, (_, index) => `d${index}`);
    await handle.db.insert(targets).values(ids.map((deviceId) => ({ deviceId, ...common, connection })));
  });
  afterAll(async () => {
    await outcomes.close();
    await handle.close();
    await database.drop();
  });

  const entities = async (list: { __typename: string; id: string }[], caller = admin) => {
    const shared = {
      ...{ db: handle.db, outcomes, logger, kept: [], now: () => new Date(), metrics: settingsMetrics(new Registry()) },
      sealer: createSealer('5a'.repeat(32)),
      queue: { add: () => Promise.resolve(), work: () => Promise.resolve() },
    };
    const contextValue = createContext(shared, caller);
    const { data, errors } = await graphql({ schema, source: ENTITIES, variableValues: { list }, contextValue });
    expect(errors).toBeUndefined();
    return JSON.parse(JSON.stringify(data?._entities));
  };
  const display = (id: string) => ({ __typename: 'FidaDisplay', id });

  it('tell a change that is being sent as PENDING, and null for one that there is not', async () => {
    const [outcome] = await handle.db.transaction((tx) =>
      requestChanges(tx, settingsTables, [{ subject: 'd0', sent: { power: 'OFF' } }], {
        by: { at: new Date(), actor: 'someone' },
      }),
    );
    if (outcome?.kind !== 'accepted') throw new Error('it was not accepted');
    const { id } = outcome.change;
    await handle.sql`update fida.settings_changes set state = 'SENDING' where id = ${id}`;
    const change = (changeId: string) => ({ __typename: 'SettingsChange', id: changeId });
    expect(await entities([change(id), change('nothing')])).toEqual([
      { id, state: 'PENDING', wanted: { power: 'OFF' }, settingsVersion: 1, requestedBy: 'someone' },
      null,
    ]);
    expect(await entities([display('d0'), display('d1'), display('nobody')])).toMatchObject([
      {
        settingsVersion: 1,
        power: null,
        settable: [{ name: 'power' }, { name: 'brightnessPercent' }, { name: 'inputSource' }],
      },
      { settingsVersion: 0 },
      { id: 'nobody', settingsVersion: null, settable: null },
    ]);
  });

  it('cost as many statements for fifty as for one', async () => {
    const costOf = async (count: number, caller: Asserted): Promise<number> => {
      const sum = async (): Promise<number> =>
        Number(/_total\{[^}]*\} (\d+)/.exec(await statements.metrics())?.[1] ?? 0);
      const costs: number[] = [];
      // The least of several: the log of changes is looked at each second beside it.
      for (let run = 0; run < 5; run += 1) {
        const before = await sum();
        await entities(
          Array.from({ length: count }, (_, index) => display(`d${index}`)),
          caller,
        );
        costs.push((await sum()) - before);
      }
      return Math.min(...costs);
    };
    for (const caller of [admin, inRole('VIEWER', 'museum')]) {
      const [one, fifty] = [await costOf(1, caller), await costOf(50, caller)];
      expect(fifty - one).toBeLessThanOrEqual(1);
      expect(one).toBeLessThan(9);
    }
  });
});
