import { Qrwc } from '@q-sys/qrwc';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { aCore } from './testing/a-core.ts';
import { anIndependentClient, commands } from './testing/independent-client.ts';

/** The vendor's own client, over a websocket. */
async function theVendorsClient(url: string) {
  const errors: unknown[] = [];
  const qrwc = await Qrwc.createQrwc({
    socket: new WebSocket(url),
    pollingInterval: 40,
    logger: { error: (...said: unknown[]) => void errors.push(said) },
  });
  onTestFinished(() => qrwc.close());
  return { qrwc, errors };
}

test('qsys-qrc-client over TCP lists components, reads and sets controls, and sees a change', async () => {
  const { core } = await aCore();
  const { client, errors } = await anIndependentClient(core.tcpPort);
  expect(await client.send(commands.getStatus())).toMatchObject({ DesignName: 'Café', State: 'Active' });
  const components = await client.send<{ Name: string }[]>(commands.getComponents());
  expect(components.map(({ Name }) => Name)).toEqual(['Café Gain', 'Amplifier', 'Mixer']);
  expect(await client.send(commands.getNamedControls('CafeGain'))).toEqual([
    { Name: 'CafeGain', Value: -6, String: '-6.0dB', Position: expect.closeTo(94 / 120, 6) },
  ]);

  expect(await client.send(commands.setNamedControl('CafeGain', { Position: 0.5 }))).toEqual({
    Name: 'CafeGain',
    Value: -40,
    String: '-40.0dB',
    Position: 0.5,
  });
  const known = [{ Name: 'mute', Value: true }];
  expect(await client.send(commands.setComponentControls('Café Gain', known))).toBe(true);
  expect(await client.send(commands.getComponentControls('Café Gain', ['mute', 'label']))).toEqual({
    Name: 'Café Gain',
    Controls: [
      { Name: 'mute', Value: 1, String: 'muted', Position: 1 },
      { Name: 'label', Value: 0, String: 'naïve 🎻 نص', Position: 0 },
    ],
  });

  expect(await client.send(commands.addNamedControlToGroup('group', ['CafeGain']))).toBe(true);
  expect(await client.send(commands.addComponentControlsToGroup('group', 'Café Gain', ['mute']))).toBe(true);
  const seen: unknown[] = [];
  const subscription = client
    .pollGroup('group', { rate: 0.02, autoDestroy: true })
    .subscribe(({ Changes }) => void seen.push(...Changes));
  await expect.poll(() => seen.length, { interval: 5 }).toBe(2);
  expect(seen[1]).toEqual({ Component: 'Café Gain', Name: 'mute', Value: 1, String: 'muted', Position: 1 });
  await client.send(commands.setNamedControl('CafeGain', -12.5));
  await expect.poll(() => seen[2], { interval: 5 }).toMatchObject({ Name: 'CafeGain', String: '-12.5dB' });
  expect(core.changeGroups).toBe(1);
  subscription.unsubscribe();
  await expect.poll(() => core.changeGroups).toBe(0);
  expect(errors).toEqual([]);
});

test('qsys-qrc-client logs on, and gets the code of what is refused', async () => {
  const { core } = await aCore({ core: { user: { name: 'wheelhouse', password: 'pin-1234' } } });
  const { client } = await anIndependentClient(core.tcpPort);
  await expect(client.send(commands.getComponents())).rejects.toMatchObject({ code: 10 });
  await expect(client.send(commands.logon('wheelhouse', 'pin-4321'))).rejects.toMatchObject({ code: 10 });
  expect(await client.send(commands.logon('wheelhouse', 'pin-1234'))).toBe(true);
  expect(await client.send(commands.noOp())).toBe(true);
  await expect(client.send(commands.getNamedControls('Nobody'))).rejects.toMatchObject({ code: 8 });
  await expect(client.send(commands.pollGroup('none'))).rejects.toMatchObject({ code: 6 });
});

test("the vendor's client over a websocket lists components, reads and sets controls, and sees a change", async () => {
  const { core } = await aCore();
  const { qrwc, errors } = await theVendorsClient(core.webSocketUrl);
  expect(qrwc.engineStatus).toMatchObject({ DesignName: 'Café', State: 'Active', Status: { Code: 0, String: 'OK' } });
  expect(Object.keys(qrwc.components)).toEqual(['Café Gain', 'Amplifier', 'Mixer']);
  const gain = qrwc.components['Café Gain']?.controls.gain;
  expect(gain?.state).toMatchObject({
    Type: 'Float',
    Value: -6,
    ValueMin: -100,
    ValueMax: 20,
    StringMin: '-100dB',
    StringMax: '20.0dB',
    String: '-6.0dB',
    Direction: 'Read/Write',
  });
  expect(await gain?.update(-20)).toMatchObject({ Value: -20, String: '-20.0dB' });
  expect(await gain?.update({ Position: 1 })).toMatchObject({ Value: 20 });
  expect(await qrwc.components['Café Gain']?.controls.label?.update('où')).toMatchObject({ String: 'où' });
  expect(await qrwc.components['Café Gain']?.controls.mute?.update(true)).toMatchObject({ Bool: true });

  const changes: unknown[] = [];
  qrwc.on('update', (component, control, state) => changes.push([component.name, control.name, state.String]));
  const { client } = await anIndependentClient(core.tcpPort);
  await client.send(commands.setNamedControl('CafeGain', -3));
  await expect.poll(() => changes, { interval: 5 }).toContainEqual(['Café Gain', 'gain', '-3.0dB']);
  expect(errors).toEqual([]);
});

test("the vendor's client is told when the Core goes away, and is served when it is back", async () => {
  const { core } = await aCore();
  const { qrwc } = await theVendorsClient(core.webSocketUrl);
  const reasons: string[] = [];
  qrwc.on('disconnected', (reason) => void reasons.push(reason));
  await qrwc.components['Café Gain']?.controls.gain?.update(-20);
  await core.restart({ awayMs: 50 });
  await expect.poll(() => reasons).toHaveLength(1);
  const { qrwc: again } = await theVendorsClient(core.webSocketUrl);
  expect(again.components['Café Gain']?.controls.gain?.state.Value).toBe(-6);
});
