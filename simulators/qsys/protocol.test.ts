import { expect, test } from 'vitest';
import { aCore, aPair } from './testing/a-core.ts';
import { rawClient } from './testing/raw-client.ts';

test('a Core tells its status to everyone who connects, and to all when its own or that of something in it changes', async () => {
  const { core, client } = await aCore({ core: { platform: 'Core Nano' } });
  const [first, second] = [await client(), await client()];
  await expect.poll(() => second.pushed('EngineStatus')).toHaveLength(1);
  expect(second.pushed('EngineStatus')[0]).toEqual({
    jsonrpc: '2.0',
    method: 'EngineStatus',
    params: {
      Platform: 'Core Nano',
      State: 'Active',
      DesignName: 'Café',
      DesignCode: 'qTest1',
      IsRedundant: false,
      IsEmulator: false,
      Status: { Code: 0, String: 'OK' },
    },
  });
  core.setStatus({ code: 1, text: 'Compromised' });
  core.design.happen(core.design.controlOf('Amplifier', 'status'), { number: 2, text: 'Fault' });
  for (const { pushed } of [first, second]) {
    await expect.poll(() => pushed('EngineStatus')).toHaveLength(3);
    expect(pushed('EngineStatus')[1]).toMatchObject({ params: { Status: { Code: 1, String: 'Compromised' } } });
  }
  expect((await first.ask('EngineStatus')).error).toMatchObject({ code: -32601 });
  for (const params of [undefined, 0, {}, 'test']) {
    expect((await first.ask('StatusGet', params)).result).toMatchObject({ Status: { Code: 1 } });
  }
});

test.each([[7], ['seven'], ['0b7d5c1e-uuid'], [null], [0], [1.5], [{ a: [1] }], [false]])(
  'the id %j is given back as it came, of answers and of errors',
  async (id) => {
    const { ask, messages } = await (await aCore()).client();
    expect(await ask('NoOp', {}, id)).toEqual({ jsonrpc: '2.0', id, result: true });
    messages.length = 0;
    expect(await ask('Bogus', {}, id)).toMatchObject({ id, error: { code: -32601 } });
  },
);

test('what has no id has no answer, and is done all the same', async () => {
  const { core, client } = await aCore();
  const { send, ask, messages } = await client();
  send({ jsonrpc: '2.0', method: 'NoOp', params: {} });
  send({ jsonrpc: '2.0', method: 'Control.Set', params: { Name: 'CafeGain', Value: -20 } });
  send({ jsonrpc: '2.0', method: 'Bogus' });
  send({ jsonrpc: '2.0', method: 'Control.Get', params: ['Nobody'] });
  expect((await ask('Control.Get', ['CafeGain'])).result).toMatchObject([{ Value: -20 }]);
  expect(messages.map(({ method }) => method)).toEqual(['EngineStatus', undefined]);
  expect(core.setsReceived).toBe(1);
});

test.each([
  ['{', -32700, null],
  ['[]', -32600, null],
  ['[{"jsonrpc":"2.0","method":"NoOp","id":1}]', -32600, null],
  ['7', -32600, null],
  ['null', -32600, null],
  ['{"jsonrpc":"1.0","method":"NoOp","id":3}', -32600, 3],
  ['{"jsonrpc":"2.0","method":5,"id":"x"}', -32600, 'x'],
  ['{"jsonrpc":"2.0","id":4}', -32600, 4],
])('the message %s is refused with %i', async (message, code, id) => {
  const { write, answerTo } = await (await aCore()).client();
  write(`${message}\0`);
  expect(await answerTo(id)).toMatchObject({ id, error: { code, message: expect.any(String) } });
});

test('an id that is nested too deep to be given back is refused, and harms nobody', async () => {
  const { write, answerTo, ask } = await (await aCore()).client();
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  write(`{"jsonrpc":"2.0","method":"NoOp","id":${deep}}\0`);
  expect(await answerTo(null)).toMatchObject({ error: { code: -32600 } });
  expect((await ask('NoOp')).result).toBe(true);
});

test.each<[string, unknown, number]>([
  ['Bogus', {}, -32601],
  ['toString', {}, -32601],
  ['PA.PageSubmit', {}, -32601],
  ['LoopPlayer.Start', {}, -32601],
  ['Control.Get', 'CafeGain', -32602],
  ['Control.Get', ['CafeGain', 'Nobody'], 8],
  ['Control.Set', { Name: 'Nobody', Value: 1 }, 8],
  ['Control.Set', { Name: 'CafeGain' }, -32602],
  ['Control.Set', { Name: 'CafeGain', Value: 'loud' }, -32602],
  ['Control.Set', { Name: 'CafeGain', Value: 1, Ramp: -1 }, -32602],
  ['Control.Set', { Value: 1 }, -32602],
  ['Control.Set', { Name: 'AmplifierTemperature', Value: 1 }, -32602],
  ['Component.GetControls', { Name: 'Nobody' }, 7],
  ['Component.Get', { Name: 'Nobody', Controls: [] }, 7],
  ['Component.Get', { Name: 'Café Gain', Controls: [{ Name: 'bass' }] }, 8],
  ['Component.Set', { Name: 'Nobody', Controls: [] }, 7],
  ['Component.Set', { Name: 'Amplifier', Controls: [{ Name: 'status', Value: 0 }] }, -32602],
  ['Component.Set', { Name: 'Café Gain', Controls: [{ Name: 'input', Value: 'Phono' }] }, -32602],
  ['Component.Set', { Name: 'Café Gain', Controls: [{ Name: 'mute', Value: 'perhaps' }] }, -32602],
  ['ChangeGroup.Poll', { Id: 'none' }, 6],
  ['ChangeGroup.AutoPoll', { Id: 'none', Rate: 1 }, 6],
  ['ChangeGroup.AutoPoll', { Id: 'none', Rate: 0 }, -32602],
  ['ChangeGroup.Remove', { Id: 'none', Controls: [] }, 6],
  ['ChangeGroup.Invalidate', { Id: 'none' }, 6],
  ['ChangeGroup.Clear', { Id: 'none' }, 6],
  ['ChangeGroup.Destroy', { Id: 'none' }, 6],
  ['ChangeGroup.AddControl', { Id: 'g', Controls: ['Nobody'] }, 8],
  ['ChangeGroup.AddComponentControl', { Id: 'g', Component: { Name: 'Nobody', Controls: [] } }, 7],
  ['ChangeGroup.AddComponentControl', { Id: 'g', Component: { Name: 'Mixer', Controls: [{ Name: 'x' }] } }, 8],
  ['Mixer.SetInputGain', { Name: 'Mixer', Inputs: '9', Value: 0 }, 9],
  ['Mixer.SetInputGain', { Name: 'Mixer', Inputs: '0', Value: 0 }, 9],
  ['Mixer.SetInputGain', { Name: 'Mixer', Inputs: '1-9', Value: 0 }, 9],
  ['Mixer.SetInputGain', { Name: 'Mixer', Inputs: 'all', Value: 0 }, -32602],
  ['Mixer.SetInputGain', { Name: 'Mixer', Value: 0 }, -32602],
  ['Mixer.SetInputGain', { Name: 'Mixer', Inputs: '1', Value: true }, -32602],
  ['Mixer.SetInputGain', { Name: 'Café Gain', Inputs: '1', Value: 0 }, 7],
  ['Snapshot.Load', { Name: 'Scenes', Bank: 3 }, -32602],
  ['Snapshot.Load', { Name: 'Scenes', Bank: 1 }, -32602],
  ['Snapshot.Save', { Name: 'Nights', Bank: 1 }, -32602],
  ['Logon', { User: 'x' }, -32602],
])('%s with %j fails with %i, and changes nothing', async (method, params, code) => {
  const { core, client } = await aCore();
  const { ask } = await client();
  expect((await ask(method, params)).error).toMatchObject({ code, message: expect.any(String) });
  expect(core.setsReceived).toBe(0);
  expect(core.changeGroups).toBe(0);
});

test('a Core that has a user answers nothing but NoOp and Logon before the logon, whatever went before', async () => {
  const { core, client } = await aCore({ core: { user: { name: 'ü', password: 'pass' } } });
  const { ask, pushed } = await client();
  expect((await ask('NoOp', {})).result).toBe(true);
  for (const method of ['StatusGet', 'Component.GetComponents', 'Control.Set', 'Bogus']) {
    expect((await ask(method, { Name: 'CafeGain', Value: 0 })).error).toMatchObject({ code: 10 });
  }
  expect((await ask('Logon', { User: 'ü', Password: 'Pass' })).error).toMatchObject({ code: 10 });
  expect((await ask('Logon', { User: 'ü', Password: 'pass' })).result).toBe(true);
  expect((await ask('Control.Set', { Name: 'CafeGain', Value: 0 })).result).toMatchObject({ Value: 0 });
  expect(pushed('EngineStatus')).toHaveLength(1);
  // A logon is the connection's.
  expect((await (await client()).ask('StatusGet')).error).toMatchObject({ code: 10 });
  expect(core.setsReceived).toBe(1);
});

test('a Core on standby answers -32604, and the two of a pair change places', async () => {
  const { main, backup } = await aPair();
  const [a, b] = [await rawClient(main.tcpPort), await rawClient(backup.tcpPort)];
  expect((await b.ask('StatusGet')).result).toMatchObject({
    State: 'Standby',
    IsRedundant: true,
    DesignCode: 'qTest1',
  });
  for (const method of ['Control.Get', 'Component.GetComponents', 'ChangeGroup.Poll', 'Mixer.SetInputGain']) {
    expect((await b.ask(method, ['CafeGain'])).error).toMatchObject({ code: -32604 });
  }
  expect((await b.ask('NoOp', {})).result).toBe(true);
  await a.ask('Control.Set', { Name: 'CafeGain', Value: -33 });
  await a.ask('ChangeGroup.AddControl', { Id: 'g', Controls: ['CafeGain'] });

  backup.setState('Active');
  await expect.poll(() => a.pushed('EngineStatus').at(-1)).toMatchObject({ params: { State: 'Standby' } });
  await expect.poll(() => b.pushed('EngineStatus').at(-1)).toMatchObject({ params: { State: 'Active' } });
  expect((await a.ask('Control.Get', ['CafeGain'])).error).toMatchObject({ code: -32604 });
  expect((await b.ask('Control.Get', ['CafeGain'])).result).toMatchObject([{ Value: -33 }]);
  expect(main.changeGroups).toBe(0);
});

test('the backup of a pair takes over when the Core restarts, and the Core comes back on standby', async () => {
  const { main, backup } = await aPair();
  const [a, b] = [await rawClient(main.tcpPort), await rawClient(backup.tcpPort)];
  await a.ask('Control.Set', { Name: 'CafeGain', Value: -33 });
  const restarted = main.restart({ awayMs: 20 });
  await a.closed();
  expect((await b.ask('Control.Get', ['CafeGain'])).result).toMatchObject([{ Value: -33 }]);
  await restarted;
  const again = await rawClient(main.tcpPort);
  expect((await again.ask('StatusGet')).result).toMatchObject({ State: 'Standby' });
  expect((await b.ask('StatusGet')).result).toMatchObject({ State: 'Active' });
});

test('an idle Core has no design', async () => {
  const { core, client } = await aCore();
  core.setState('Idle');
  const { ask } = await client();
  expect((await ask('StatusGet')).result).toMatchObject({ State: 'Idle', DesignName: '', DesignCode: '' });
  expect((await ask('Component.GetComponents')).error).toMatchObject({ code: -32603 });
});

test('a restart ends all connections, takes no new ones, and brings the values of the design back', async () => {
  const { core, client } = await aCore();
  const { ask, closed } = await client();
  const port = core.tcpPort;
  await ask('Control.Set', { Name: 'CafeGain', Value: -33 });
  await ask('ChangeGroup.AddControl', { Id: 'g', Controls: ['CafeGain'] });
  const restarted = core.restart({ awayMs: 300 });
  await closed();
  await expect(rawClient(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await restarted;
  expect(core.tcpPort).toBe(port);
  const again = await client();
  expect((await again.ask('Control.Get', ['CafeGain'])).result).toMatchObject([{ Value: -6 }]);
  expect((await again.ask('ChangeGroup.Poll', { Id: 'g' })).error).toMatchObject({ code: 6 });
});

test('a client that says nothing is dropped, though the Core pushes to it; one that says NoOp is not', async () => {
  const { client } = await aCore({ silenceMs: 400 });
  const [mute, alive] = [await client(), await client()];
  await mute.ask('ChangeGroup.AddControl', { Id: 'g', Controls: ['CafeGain'] });
  await mute.ask('ChangeGroup.AutoPoll', { Id: 'g', Rate: 0.01 });
  const startedAt = performance.now();
  let value = -100;
  const timer = setInterval(() => {
    value += 1;
    alive.send({ jsonrpc: '2.0', method: 'Control.Set', params: { Name: 'CafeGain', Value: value } });
    alive.send({ jsonrpc: '2.0', method: 'NoOp', params: {} });
  }, 20);
  try {
    await mute.closed();
    expect(performance.now() - startedAt).toBeGreaterThan(300);
    expect(mute.pushed('ChangeGroup.Poll').length).toBeGreaterThan(1);
    expect(alive.state.isClosed).toBe(false);
  } finally {
    clearInterval(timer);
  }
  await alive.closed();
});
