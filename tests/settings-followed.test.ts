import { readFile } from 'node:fs/promises';
import { SERVICE_TOKEN, startHistory, type TestHistory } from '@wheelhouse/history/testing/history.ts';
import { moveChange, writeChange } from '@wheelhouse/history/testing/settings.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { readRouterConfig } from '@wheelhouse/router/config.ts';
import { startRouter } from '@wheelhouse/router/main.ts';
import { connectClient, type Event } from '@wheelhouse/router/testing/client.ts';
import { openEventStream } from '@wheelhouse/router/testing/event-stream.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './harness.ts';

const FOLLOW = 'subscription ($id: ID!) { settingsChangeUpdated(id: $id) { id state wanted readBack detail } }';

/** The same for both doors. `ended` is `complete`, or the errors that ended it. */
type Followed = { events: Event[]; ended: () => unknown };

let history: TestHistory;
let url: string;
const stops = new StopList(createLogger({ name: 'test', level: 'silent' }));
const client = () => {
  const connected = connectClient(url);
  stops.own('client', connected, ({ close }) => close());
  return connected;
};
beforeAll(async () => {
  history = await startHistory();
  const supergraphSdl = await readFile(new URL('../supergraph.graphql', import.meta.url), 'utf8');
  const router = await startRouter({
    ...{ supergraphSdl, host: '127.0.0.1', port: 0, stops, logger: createLogger({ name: 'test', level: 'silent' }) },
    config: readRouterConfig({ WHEELHOUSE_SERVICE_TOKEN: SERVICE_TOKEN, WHEELHOUSE_ANONYMOUS_ROLE: 'ADMIN' }),
    // Nothing of the others is asked for.
    subgraphUrls: {
      history: history.graphqlUrl,
      accounts: 'http://127.0.0.1:9/graphql',
      devices: 'http://127.0.0.1:9/graphql',
      fida: 'http://127.0.0.1:9/graphql',
    },
  });
  url = router.url;
});
afterAll(async () => {
  await stops.stop();
  await history.close();
});

const overWebSocket = async (id: string): Promise<Followed> => client().start(FOLLOW, { id });
const overEvents = async (id: string): Promise<Followed> => {
  const stream = await openEventStream(url, { operation: { query: FOLLOW, variables: { id } } });
  return { events: stream.events, ended: stream.end };
};
const statesOf = ({ events }: Followed) =>
  events.map(({ data, errors }) => {
    const { settingsChangeUpdated } = (data ?? {}) as { settingsChangeUpdated?: { state: string } };
    return settingsChangeUpdated?.state ?? errors;
  });
let changes = 0;
const aChange = async (): Promise<string> => {
  changes += 1;
  const id = `change-${changes}`;
  await writeChange(history.db, { id, subject: `device-${changes}` });
  return id;
};
const states = (followed: Followed, count: number) =>
  eventually(`${count} states`, () => followed.events.length >= count && statesOf(followed));

describe.each([
  ['a websocket', overWebSocket],
  ['server-sent events', overEvents],
])('who follows a change of settings over %s', (_door, follow) => {
  it('gets it as it is, then its end, and then the stream is complete', async () => {
    const id = await aChange();
    const followed = await follow(id);
    expect(await states(followed, 1)).toEqual(['PENDING']);
    await moveChange(history.db, id, { state: 'SENDING' });
    await moveChange(history.db, id, { state: 'MISMATCH', readBack: { brightnessPercent: 45 }, detail: 'it says 45' });
    expect(await eventually('the end', followed.ended)).toBe('complete');
    expect(followed.events.map(({ data }) => data)).toEqual([
      {
        settingsChangeUpdated: {
          ...{ id, state: 'PENDING', readBack: null, detail: null },
          wanted: { brightnessPercent: 40 },
        },
      },
      {
        settingsChangeUpdated: {
          ...{ id, state: 'MISMATCH', readBack: { brightnessPercent: 45 }, detail: 'it says 45' },
          wanted: { brightnessPercent: 40 },
        },
      },
    ]);
  });

  it('gets the end alone when the change is over', async () => {
    const id = await aChange();
    await moveChange(history.db, id, { state: 'APPLIED' });
    const followed = await follow(id);
    expect(await eventually('the end', followed.ended)).toBe('complete');
    expect(statesOf(followed)).toEqual(['APPLIED']);
  });

  it('is refused with NOT_FOUND when there is none of that id', async () => {
    const followed = await follow('nothing');
    const ended = await eventually('the end', followed.ended);
    // A websocket has a message for it, server-sent events an event of its own.
    const errors = ended === 'complete' ? followed.events[0]?.errors : (ended as { error: unknown }).error;
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND', field: 'id' } }]);
  });
});

const FOLLOW_DEVICE = 'subscription ($id: ID!) { deviceSettingsChanged(id: $id) { complete changes { id state } } }';

describe("who follows a device's changes of settings", () => {
  const eventsOf = ({ events }: Followed) =>
    events.flatMap(({ data }) => {
      type Told = { complete: boolean; changes: { id: string; state: string }[] };
      const { deviceSettingsChanged: told } = (data ?? {}) as { deviceSettingsChanged?: Told };
      return told ? [[told.complete, ...told.changes.map(({ id, state }) => `${id} ${state}`)]] : [];
    });

  it('gets the latest, then those that others make, and all anew when the service was away', async () => {
    const [id, other] = ['followed', 'beside'];
    await history.register([id, other].map((deviceId) => ({ deviceId, version: 1, at: new Date(), site: 'museum' })));
    await writeChange(history.db, { id: 'f1', subject: id, settingsVersion: 1 });
    await moveChange(history.db, 'f1', { state: 'APPLIED' });
    const followed = client().start(FOLLOW_DEVICE, { id });
    const has = (count: number) => eventually(`${count} events`, () => eventsOf(followed).length >= count);
    await has(1);
    expect(eventsOf(followed)).toEqual([[true, 'f1 APPLIED']]);
    await writeChange(history.db, { id: 'b1', subject: other, settingsVersion: 1 });
    await writeChange(history.db, { id: 'f2', subject: id, settingsVersion: 2 });
    await has(2);
    await moveChange(history.db, 'f2', { state: 'SENDING' });
    await moveChange(history.db, 'f2', { state: 'MISMATCH' });
    await has(3);
    expect(eventsOf(followed).slice(1)).toEqual([
      [false, 'f2 PENDING'],
      [false, 'f2 MISMATCH'],
    ]);
    await history.stop();
    await writeChange(history.db, { id: 'f3', subject: id, settingsVersion: 3 });
    await history.start();
    await has(4);
    expect(eventsOf(followed)[3]).toEqual([true, 'f3 PENDING', 'f2 MISMATCH', 'f1 APPLIED']);
  });

  it('is refused with NOT_FOUND where there is no such device', async () => {
    const ended = await eventually('the end', client().start(FOLLOW_DEVICE, { id: 'nothing' }).ended);
    expect(ended).toMatchObject({ error: [{ extensions: { code: 'NOT_FOUND', field: 'id' } }] });
  });
});

describe('who follows a change of settings', () => {
  it('gets its state first, also when another follows it already', async () => {
    const id = await aChange();
    const first = await overWebSocket(id);
    expect(await states(first, 1)).toEqual(['PENDING']);
    const second = await overWebSocket(id);
    expect(await states(second, 1)).toEqual(['PENDING']);
    await moveChange(history.db, id, { state: 'APPLIED' });
    for (const followed of [first, second]) expect(await states(followed, 2)).toEqual(['PENDING', 'APPLIED']);
  });

  it('misses and repeats nothing of many that change at once', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, aChange));
    const moving = ids.map(async (id) => {
      await moveChange(history.db, id, { state: 'SENDING' });
      await moveChange(history.db, id, { state: 'REJECTED' });
    });
    const all = await Promise.all(ids.map(overWebSocket));
    await Promise.all(moving);
    for (const followed of all) {
      await eventually('the end', followed.ended);
      expect([['PENDING', 'REJECTED'], ['REJECTED']]).toContainEqual(statesOf(followed));
    }
  });

  it('is told when the service is gone, and gets the state first when it comes back', async () => {
    const id = await aChange();
    const followed = client().start(FOLLOW, { id });
    await states(followed, 1);
    await history.stop();
    expect(await eventually('the end', followed.ended)).toMatchObject({
      error: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }],
    });
    await moveChange(history.db, id, { state: 'UNREACHABLE' });
    await history.start();
    const again = client().start(FOLLOW, { id });
    expect(await eventually('the end', again.ended)).toBe('complete');
    expect(statesOf(again)).toEqual(['UNREACHABLE']);
  });
});
