import { expect, test } from 'vitest';
import { aCore } from './testing/a-core.ts';
import type { RawClient } from './testing/raw-client.ts';

const poll = async ({ ask }: RawClient, id: string | number = 'g') =>
  (await ask('ChangeGroup.Poll', { Id: id })).result;
const addNamed = async ({ ask }: RawClient, names: string[], id: string | number = 'g') =>
  ask('ChangeGroup.AddControl', { Id: id, Controls: names });
const addOf = async ({ ask }: RawClient, component: string, names: string[]) =>
  ask('ChangeGroup.AddComponentControl', {
    Id: 'g',
    Component: { Name: component, Controls: names.map((Name) => ({ Name })) },
  });
const set = async ({ ask }: RawClient, value: unknown, name = 'CafeGain') =>
  ask('Control.Set', { Name: name, Value: value });

test('a poll has what is new in the group and what has changed since the last one, by the name it was added under', async () => {
  const client = await (await aCore()).client();
  expect((await addNamed(client, ['CafeGain'])).result).toBe(true);
  expect((await addOf(client, 'Amplifier', ['psu.temp'])).result).toBe(true);
  expect(await poll(client)).toEqual({
    Id: 'g',
    Changes: [
      { Name: 'CafeGain', Value: -6, String: '-6.0dB', Position: expect.closeTo(94 / 120, 6) },
      { Component: 'Amplifier', Name: 'psu.temp', Value: 41, String: '41.0°C', Position: expect.closeTo(41 / 120, 6) },
    ],
  });
  expect(await poll(client)).toEqual({ Id: 'g', Changes: [] });
  // What is set to what it is has not changed.
  await set(client, -6);
  expect(await poll(client)).toEqual({ Id: 'g', Changes: [] });
  await set(client, -7);
  await set(client, -8);
  expect(await poll(client)).toMatchObject({ Changes: [{ Name: 'CafeGain', Value: -8 }] });
  await addNamed(client, ['CafeMute', 'CafeGain']);
  expect(await poll(client)).toMatchObject({ Changes: [{ Name: 'CafeGain' }, { Name: 'CafeMute' }] });
});

test('a control that is in a group by both of its names is reported by its own', async () => {
  const client = await (await aCore()).client();
  await addOf(client, 'Café Gain', ['gain', 'mute']);
  await addNamed(client, ['CafeGain']);
  const names = [{ Name: 'CafeGain' }, { Component: 'Café Gain', Name: 'mute' }];
  expect(await poll(client)).toMatchObject({ Changes: names });
  await addOf(client, 'Café Gain', ['gain']);
  expect(await poll(client)).toMatchObject({ Changes: names.slice(0, 1) });
});

test('a trigger counts as changed whenever it is fired', async () => {
  const { core, client: connect } = await aCore();
  const client = await connect();
  await addNamed(client, ['CafeChime']);
  await poll(client);
  await set(client, 1, 'CafeChime');
  await set(client, 1, 'CafeChime');
  expect(await poll(client)).toMatchObject({ Changes: [{ Name: 'CafeChime', Value: 0 }] });
  expect(await poll(client)).toMatchObject({ Changes: [] });
  expect(core.design.named('CafeChime').setsDone).toBe(2);
});

test('Invalidate brings all back, Remove takes some out, Clear all, and Destroy the group', async () => {
  const client = await (await aCore()).client();
  const { ask } = client;
  await addNamed(client, ['CafeGain', 'CafeMute', 'CafeChime']);
  await poll(client);
  expect((await ask('ChangeGroup.Invalidate', { Id: 'g' })).result).toBe(true);
  expect(await poll(client)).toMatchObject({ Changes: [{}, {}, {}] });
  expect((await ask('ChangeGroup.Remove', { Id: 'g', Controls: ['CafeMute'] })).result).toBe(true);
  expect((await ask('ChangeGroup.Remove', { Id: 'g', Controls: ['CafeMute', 'CafeGain'] })).result).toEqual([
    'CafeMute',
  ]);
  await ask('ChangeGroup.Invalidate', { Id: 'g' });
  expect(await poll(client)).toMatchObject({ Changes: [{ Name: 'CafeChime' }] });
  expect((await ask('ChangeGroup.Clear', { Id: 'g' })).result).toBe(true);
  await ask('ChangeGroup.Invalidate', { Id: 'g' });
  expect(await poll(client)).toEqual({ Id: 'g', Changes: [] });
  expect((await ask('ChangeGroup.Destroy', { Id: 'g' })).result).toBe(true);
  expect((await ask('ChangeGroup.Poll', { Id: 'g' })).error).toMatchObject({ code: 6 });
});

test('a connection has four groups, each connection its own, and one that is destroyed makes room', async () => {
  const { core, client: connect } = await aCore();
  const [client, other] = [await connect(), await connect()];
  for (const id of ['a', 2, 'c', 'd']) expect((await addNamed(client, ['CafeGain'], id)).result).toBe(true);
  expect((await addNamed(client, ['CafeGain'], 'e')).error).toMatchObject({ code: 5 });
  expect((await addNamed(client, ['CafeMute'], 'a')).result).toBe(true);
  expect((await addNamed(other, ['CafeGain'], 'a')).result).toBe(true);
  expect(core.changeGroups).toBe(5);
  await client.ask('ChangeGroup.Destroy', { Id: 2 });
  expect((await addNamed(client, ['CafeGain'], 'e')).result).toBe(true);
  expect(await poll(other, 'a')).toMatchObject({ Id: 'a', Changes: [{ Name: 'CafeGain' }] });
});

test('AutoPoll answers with what there is, pushes it, and then what has changed or nothing, until the group is destroyed', async () => {
  const { core, client: connect } = await aCore();
  const client = await connect();
  await addNamed(client, ['CafeGain', 'CafeMute']);
  const both = { Id: 'g', Changes: [{ Name: 'CafeGain' }, { Name: 'CafeMute' }] };
  expect((await client.ask('ChangeGroup.AutoPoll', { Id: 'g', Rate: 0.02 })).result).toMatchObject(both);
  const pushes = () =>
    client.pushed('ChangeGroup.Poll').map(({ params }) => params as { Id: string; Changes: unknown[] });
  const full = () => pushes().filter(({ Changes }) => Changes.length > 0);
  await expect.poll(() => pushes().length).toBeGreaterThan(3);
  expect(full()).toMatchObject([both]);
  expect(pushes().at(-1)).toEqual({ Id: 'g', Changes: [] });
  await set(client, -9);
  await expect.poll(full).toMatchObject([both, { Id: 'g', Changes: [{ Name: 'CafeGain', Value: -9 }] }]);
  await client.ask('ChangeGroup.Destroy', { Id: 'g' });
  const before = pushes().length;
  await set(client, -10);
  await addNamed(client, ['CafeGain'], 'h');
  await client.ask('ChangeGroup.AutoPoll', { Id: 'h', Rate: 0.02 });
  await expect.poll(() => pushes().length).toBeGreaterThan(before + 2);
  expect(
    new Set(
      pushes()
        .slice(before)
        .map(({ Id }) => Id),
    ),
  ).toEqual(new Set(['h']));
  expect(core.changeGroups).toBe(1);
});
