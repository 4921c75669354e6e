type Size = { inputs: number; outputs: number; cues: number };

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

const gain = (name: string, value = 0) => ({ kind: 'number', name, min: -100, max: 20, value, unit: 'dB' }) as const;
const mute = (name: string) => ({ kind: 'toggle', name, off: 'unmuted', on: 'muted' }) as const;
const toggle = (name: string) => ({ kind: 'toggle', name }) as const;
const delay = (name: string) => ({ kind: 'number', name, type: 'Time', min: 0, max: 2, value: 0, unit: 's' }) as const;

/** The names that a mixer's controls have in its component; channels count from 1. */
export const mixerControlName = {
  inputGain: (input: number) => `input.${input}.gain`,
  inputMute: (input: number) => `input.${input}.mute`,
  inputSolo: (input: number) => `input.${input}.solo`,
  outputGain: (output: number) => `output.${output}.gain`,
  outputMute: (output: number) => `output.${output}.mute`,
  cueGain: (cue: number) => `cue.${cue}.gain`,
  cueMute: (cue: number) => `cue.${cue}.mute`,
  cueEnable: (cue: number, input: number) => `input.${input}.cue.${cue}.enable`,
  cueAfl: (cue: number, input: number) => `input.${input}.cue.${cue}.afl`,
  crossPointGain: (input: number, output: number) => `input.${input}.output.${output}.gain`,
  crossPointMute: (input: number, output: number) => `input.${input}.output.${output}.mute`,
  crossPointSolo: (input: number, output: number) => `input.${input}.output.${output}.solo`,
  crossPointDelay: (input: number, output: number) => `input.${input}.output.${output}.delay`,
} as const;

/** All controls of a mixer of that size. Its cross-points are shut until somebody opens them. */
export function mixerControls({ inputs, outputs, cues }: Size) {
  const names = mixerControlName;
  return [
    ...numbers(inputs).flatMap((input) => [
      gain(names.inputGain(input)),
      mute(names.inputMute(input)),
      toggle(names.inputSolo(input)),
      ...numbers(outputs).flatMap((output) => [
        gain(names.crossPointGain(input, output), -100),
        mute(names.crossPointMute(input, output)),
        toggle(names.crossPointSolo(input, output)),
        delay(names.crossPointDelay(input, output)),
      ]),
      ...numbers(cues).flatMap((cue) => [toggle(names.cueEnable(cue, input)), toggle(names.cueAfl(cue, input))]),
    ]),
    ...numbers(outputs).flatMap((output) => [gain(names.outputGain(output)), mute(names.outputMute(output))]),
    ...numbers(cues).flatMap((cue) => [gain(names.cueGain(cue)), mute(names.cueMute(cue))]),
  ];
}
