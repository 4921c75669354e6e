import type { DesignInput } from '../design.ts';

/** A design with one of everything, and a name that is not ASCII. */
export const aDesign = (overrides: Partial<DesignInput> = {}): DesignInput => ({
  name: 'Café',
  code: 'qTest1',
  components: [
    {
      name: 'Café Gain',
      type: 'gain',
      properties: { max_gain: '20' },
      controls: [
        { kind: 'number', name: 'gain', min: -100, max: 20, value: -6, unit: 'dB' },
        { kind: 'toggle', name: 'mute', off: 'unmuted', on: 'muted' },
        { kind: 'number', name: 'source', type: 'Integer', min: 1, max: 8, value: 1 },
        { kind: 'text', name: 'label', value: 'naïve 🎻 نص' },
        { kind: 'text', name: 'input', value: 'Line', choices: ['Line', 'Mic', 'Off'] },
        { kind: 'trigger', name: 'chime' },
        { kind: 'number', name: 'delay', type: 'Time', min: 0, max: 2, value: 0.01, unit: 's' },
      ],
    },
    {
      name: 'Amplifier',
      type: 'cxq_amplifier',
      controls: [
        { kind: 'status', name: 'status' },
        { kind: 'number', name: 'psu.temp', min: 0, max: 120, value: 41, unit: '°C', isReadOnly: true },
      ],
    },
    { name: 'Mixer', type: 'mixer', mixer: { inputs: 8, outputs: 3, cues: 2 } },
    ...(overrides.components ?? []),
  ],
  namedControls: {
    CafeGain: { component: 'Café Gain', control: 'gain' },
    CafeMute: { component: 'Café Gain', control: 'mute' },
    CafeChime: { component: 'Café Gain', control: 'chime' },
    AmplifierTemperature: { component: 'Amplifier', control: 'psu.temp' },
  },
  snapshotBanks: [
    {
      name: 'Scenes',
      snapshots: 2,
      controls: [
        { component: 'Café Gain', control: 'gain' },
        { component: 'Café Gain', control: 'mute' },
      ],
    },
  ],
});
