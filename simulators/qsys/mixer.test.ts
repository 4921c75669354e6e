import { expect, test } from 'vitest';
import { selectChannels } from './selector.ts';
import { aCore } from './testing/a-core.ts';

test.each<[string | number, number[]]>([
  ['1', [1]],
  [3, [3]],
  ['1-3', [1, 2, 3]],
  ['*', [1, 2, 3, 4, 5, 6, 7, 8]],
  ['1 3,5', [1, 3, 5]],
  [' 8 , 1 ', [1, 8]],
  ['2-4 3-5', [2, 3, 4, 5]],
  ['1-8 !3', [1, 2, 4, 5, 6, 7, 8]],
  ['!3 1-8', [1, 2, 4, 5, 6, 7, 8]],
  ['* !3-5', [1, 2, 6, 7, 8]],
  ['!3', [1, 2, 4, 5, 6, 7, 8]],
  ['* !*', []],
])('of eight channels %j means %j', (selector, channels) => {
  expect(selectChannels(selector, 8)).toEqual(channels);
});

test.each([
  ['9', 9],
  ['0', 9],
  ['1-9', 9],
  ['!9', 9],
  ['', -32602],
  ['a', -32602],
  ['1-', -32602],
  ['-1', -32602],
  ['3-1', -32602],
  ['1;2', -32602],
  ['!!1', -32602],
  ['1.5', -32602],
])('of eight channels %j is refused with %i', (selector, code) => {
  expect(() => selectChannels(selector, 8)).toThrow(expect.objectContaining({ code }));
});

const pairs = (inputs: number[], outputs: number[], what: string): string[] =>
  inputs.flatMap((input) => outputs.map((output) => `input.${input}.output.${output}.${what}`));

test.each<[string, object, string[], string]>([
  ['SetInputGain', { Inputs: '1-2', Value: -3 }, ['input.1.gain', 'input.2.gain'], '-3.0dB'],
  ['SetInputMute', { Inputs: 8, Value: true }, ['input.8.mute'], 'muted'],
  ['SetInputSolo', { Inputs: '* !2-8', Value: 1 }, ['input.1.solo'], 'true'],
  ['SetOutputGain', { Outputs: '3', Value: 25 }, ['output.3.gain'], '20.0dB'],
  ['SetOutputMute', { Outputs: '*', Value: true }, ['output.1.mute', 'output.2.mute', 'output.3.mute'], 'muted'],
  ['SetCueGain', { Cues: '2', Value: -10 }, ['cue.2.gain'], '-10.0dB'],
  ['SetCueMute', { Cues: '1', Value: true }, ['cue.1.mute'], 'muted'],
  [
    'SetInputCueEnable',
    { Cues: '2', Inputs: '1,4', Value: true },
    ['input.1.cue.2.enable', 'input.4.cue.2.enable'],
    'true',
  ],
  ['SetInputCueAfl', { Cues: '1', Inputs: '8', Value: true }, ['input.8.cue.1.afl'], 'true'],
  ['SetCrossPointGain', { Inputs: '1-2', Outputs: '2-3', Value: 0 }, pairs([1, 2], [2, 3], 'gain'), '0.0dB'],
  ['SetCrossPointDelay', { Inputs: '1', Outputs: '1', Value: 0.02 }, pairs([1], [1], 'delay'), '20.0ms'],
  ['SetCrossPointMute', { Inputs: '!1-7', Outputs: '1', Value: true }, pairs([8], [1], 'mute'), 'muted'],
  ['SetCrossPointSolo', { Inputs: '4', Outputs: '3', Value: true }, pairs([4], [3], 'solo'), 'true'],
])('Mixer.%s with %j sets %j and nothing else', async (method, params, names, text) => {
  const { core, client } = await aCore();
  const { ask } = await client();
  expect((await ask(`Mixer.${method}`, { Name: 'Mixer', ...params })).result).toBe(true);
  const touched = [...core.design.component('Mixer').controls.values()].filter(({ setsDone }) => setsDone > 0);
  expect(touched.map(({ definition }) => definition.name)).toEqual(names);
  const read = await ask('Component.Get', { Name: 'Mixer', Controls: names.map((Name) => ({ Name })) });
  expect(read.result).toMatchObject({ Controls: names.map((Name) => ({ Name, String: text })) });
  expect(core.setsReceived).toBe(1);
});
