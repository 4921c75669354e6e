import { expect, test } from 'vitest';
import { aCore } from './testing/a-core.ts';
import { aDesign } from './testing/design.ts';

const told = (number: number): number => Number(number.toFixed(8));

const gain = (given: unknown) => ['Control.Set', { Name: 'CafeGain', ...(given as object) }] as const;

test.each([
  [{ Value: -12 }, { Value: -12, String: '-12.0dB', Position: told(88 / 120) }],
  [{ Value: 0 }, { Value: 0, String: '0.0dB', Position: told(100 / 120) }],
  [{ Value: -100 }, { Value: -100, String: '-100dB', Position: 0 }],
  [{ Value: 20 }, { Value: 20, String: '20.0dB', Position: 1 }],
  // Outside of the range it becomes the nearest in it.
  [{ Value: 20.1 }, { Value: 20, String: '20.0dB', Position: 1 }],
  [{ Value: -1e9 }, { Value: -100, String: '-100dB', Position: 0 }],
  // As a Core in use was seen to tell it.
  [{ Value: -42.1 }, { Value: -42.09999847, String: '-42.1dB', Position: 0.48250001 }],
  [{ Position: 0.5 }, { Value: -40, String: '-40.0dB', Position: 0.5 }],
  [{ Position: 2 }, { Value: 20, String: '20.0dB', Position: 1 }],
  [{ Value: '-3.5dB' }, { Value: -3.5, String: '-3.5dB', Position: told(96.5 / 120) }],
  [{ String: '-3' }, { Value: -3, String: '-3.0dB', Position: told(97 / 120) }],
])('a gain set to %j reads %j', async (given, reading) => {
  const { ask } = await (await aCore()).client();
  expect((await ask(...gain(given))).result).toEqual({ Name: 'CafeGain', ...reading });
  expect((await ask('Control.Get', ['CafeGain'])).result).toEqual([{ Name: 'CafeGain', ...reading }]);
});

test.each([
  ['mute', { Value: true }, { Value: 1, String: 'muted', Position: 1 }],
  ['mute', { Value: 0.5 }, { Value: 1, String: 'muted', Position: 1 }],
  ['mute', { Value: 0.49 }, { Value: 0, String: 'unmuted', Position: 0 }],
  ['mute', { Value: 'muted' }, { Value: 1, String: 'muted', Position: 1 }],
  ['mute', { Position: 1 }, { Value: 1, String: 'muted', Position: 1 }],
  ['source', { Value: 3.4 }, { Value: 3, String: '3', Position: told(2 / 7) }],
  ['source', { Value: 9 }, { Value: 8, String: '8', Position: 1 }],
  ['label', { Value: 'où ça' }, { Value: 0, String: 'où ça', Position: 0 }],
  ['label', { Value: 7 }, { Value: 0, String: '7', Position: 0 }],
  ['input', { Value: 'Mic' }, { Value: 1, String: 'Mic', Position: 0.5 }],
  ['input', { Value: 2 }, { Value: 2, String: 'Off', Position: 1 }],
  ['chime', { Value: 1 }, { Value: 0, String: '', Position: 0 }],
  ['delay', { Value: 0.25 }, { Value: 0.25, String: '250.0ms', Position: 0.125 }],
  ['delay', { Value: 1.5 }, { Value: 1.5, String: '1.5s', Position: 0.75 }],
])('%s set to %j reads %j', async (name, given, reading) => {
  const { ask } = await (await aCore()).client();
  const set = { Name: 'Café Gain', Controls: [{ Name: name, ...given }] };
  expect((await ask('Component.Set', { ...set, ResponseValues: true })).result).toEqual([
    { Component: 'Café Gain', Name: name, ...reading },
  ]);
  expect((await ask('Component.Get', { Name: 'Café Gain', Controls: [{ Name: name }] })).result).toEqual({
    Name: 'Café Gain',
    Controls: [{ Name: name, ...reading }],
  });
});

test('components are listed with their type and properties, and their controls with type, range and direction', async () => {
  const { ask } = await (await aCore()).client();
  const listed = (await ask('Component.GetComponents', 'test')).result;
  expect(listed).toMatchObject([{ Name: 'Café Gain' }, { Name: 'Amplifier' }, { Name: 'Mixer' }]);
  expect((listed as unknown[])[0]).toEqual({
    ID: 'Café Gain',
    Name: 'Café Gain',
    Type: 'gain',
    Properties: [{ Name: 'max_gain', Value: '20', PrettyName: 'max_gain' }],
    Controls: null,
    ControlSource: 2,
  });
  expect((await ask('Component.GetControls', { Name: 'Amplifier' })).result).toEqual({
    Name: 'Amplifier',
    Controls: [
      { Name: 'status', Type: 'Status', Value: 0, String: 'OK', Position: 0, Direction: 'Read Only' },
      {
        Name: 'psu.temp',
        Type: 'Float',
        Value: 41,
        ValueMin: 0,
        ValueMax: 120,
        StringMin: '0.0°C',
        StringMax: '120°C',
        String: '41.0°C',
        Position: told(41 / 120),
        Direction: 'Read Only',
      },
    ],
  });
  const { Controls } = (await ask('Component.GetControls', { Name: 'Café Gain' })).result as { Controls: unknown[] };
  expect(Controls).toContainEqual(expect.objectContaining({ Name: 'input', Choices: ['Line', 'Mic', 'Off'] }));
  expect(Controls.map((control) => (control as { Type: string }).Type)).toEqual([
    'Float',
    'Boolean',
    'Integer',
    'Text',
    'Text',
    'Trigger',
    'Time',
  ]);
});

test('a set of a component is true when all is known, else the names that are not, and the rest is done', async () => {
  const { core, client } = await aCore();
  const { ask } = await client();
  const both = [
    { Name: 'gain', Value: -1 },
    { Name: 'bass', Value: 1 },
  ];
  expect((await ask('Component.Set', { Name: 'Café Gain', Controls: both.slice(0, 1) })).result).toBe(true);
  expect((await ask('Component.Set', { Name: 'Café Gain', Controls: both })).result).toEqual(['bass']);
  const withValues = { Name: 'Café Gain', Controls: both, ResponseValues: true };
  expect((await ask('Component.Set', withValues)).result).toMatchObject([{ Name: 'gain', Value: -1 }]);
  expect(core.setsReceived).toBe(3);
  expect(core.design.named('CafeGain').setsDone).toBe(3);
});

test('a ramp takes its time, tells the values between, and ends at the value', async () => {
  const { ask } = await (await aCore()).client();
  const startedAt = performance.now();
  expect((await ask(...gain({ Value: -100 }))).result).toMatchObject({ Value: -100 });
  expect((await ask(...gain({ Value: 20, Ramp: 0.4 }))).result).toMatchObject({ Value: -100 });
  const seen: number[] = [];
  const value = async (): Promise<number> => {
    const [{ Value }] = (await ask('Control.Get', ['CafeGain'])).result as [{ Value: number }];
    seen.push(Value);
    return Value;
  };
  await expect.poll(value, { interval: 10, timeout: 40_000 }).toBe(20);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(395);
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(seen.some((between) => between > -100 && between < 20)).toBe(true);
});

test('a set in the middle of a ramp ends it', async () => {
  const { core, client } = await aCore();
  const { ask } = await client();
  await ask(...gain({ Value: 20, Ramp: 0.2 }));
  expect((await ask(...gain({ Value: -50 }))).result).toMatchObject({ Value: -50 });
  // A second ramp, which ends after the first would have.
  await ask('Mixer.SetInputGain', { Name: 'Mixer', Inputs: '1', Value: -10, Ramp: 0.3 });
  await expect.poll(() => core.design.controlOf('Mixer', 'input.1.gain').state.number, { timeout: 40_000 }).toBe(-10);
  expect((await ask('Control.Get', ['CafeGain'])).result).toMatchObject([{ Value: -50 }]);
});

test('a meter moves by itself within its range, and nobody sets it', async () => {
  const swing = { low: -40, high: -10, periodSeconds: 0.5 };
  const meter = {
    kind: 'number',
    name: 'meter.1',
    min: -120,
    max: 20,
    value: -40,
    unit: 'dB',
    isReadOnly: true,
    swing,
  };
  const design = aDesign({ components: [{ name: 'Meter', type: 'meter2', controls: [meter as never] }] });
  const { ask } = await (await aCore({ design })).client();
  const seen = new Set<number>();
  const look = async (): Promise<number> => {
    const { result } = await ask('Component.Get', { Name: 'Meter', Controls: [{ Name: 'meter.1' }] });
    seen.add((result as { Controls: [{ Value: number }] }).Controls[0].Value);
    return seen.size;
  };
  await expect.poll(look, { interval: 10, timeout: 40_000 }).toBeGreaterThan(5);
  expect([...seen].filter((value) => value < -40 || value > -10)).toEqual([]);
  const set = { Name: 'Meter', Controls: [{ Name: 'meter.1', Value: 0 }] };
  expect((await ask('Component.Set', set)).error).toMatchObject({ code: -32602 });
});

test('snapshots keep the values of their bank, and bring them back, over time if wanted', async () => {
  const { core, client } = await aCore();
  const { ask } = await client();
  const number = () => core.design.named('CafeGain').state.number;
  expect((await ask('Snapshot.Save', { Name: 'Scenes', Bank: 1 })).result).toBe(true);
  await ask(...gain({ Value: -50 }));
  await ask('Control.Set', { Name: 'CafeMute', Value: true });
  expect((await ask('Snapshot.Save', { Name: 'Scenes', Bank: 2 })).result).toBe(true);
  expect((await ask('Snapshot.Load', { Name: 'Scenes', Bank: 1 })).result).toBe(true);
  expect(number()).toBe(-6);
  expect(core.design.named('CafeMute').state.number).toBe(0);
  await ask('Snapshot.Load', { Name: 'Scenes', Bank: 2, Ramp: 0.2 });
  expect(core.design.named('CafeMute').state.number).toBe(1);
  await expect.poll(number, { interval: 5, timeout: 40_000 }).toBe(-50);
  // To save changes no control.
  expect(core.setsReceived).toBe(4);
});

test.each<[object, string]>([
  [{ components: [{ name: 'Mixer', type: 'gain' }] }, 'two components are named Mixer'],
  [
    { components: [{ name: 'G', type: 'g', controls: [{ kind: 'number', name: 'x', min: 1, max: 0, value: 1 }] }] },
    'min',
  ],
  [
    { components: [{ name: 'G', type: 'g', controls: [{ kind: 'number', name: 'x', min: 0, max: 1, value: 2 }] }] },
    'value',
  ],
  [
    {
      components: [
        {
          name: 'G',
          type: 'g',
          controls: [
            { kind: 'toggle', name: 'x' },
            { kind: 'trigger', name: 'x' },
          ],
        },
      ],
    },
    'component G has two controls named x',
  ],
])('a design at fault (%j) is refused, and it is said why', async (overrides, why) => {
  await expect(aCore({ design: aDesign(overrides) })).rejects.toThrow(why);
});
