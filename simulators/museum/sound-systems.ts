import type { DesignInput } from '../qsys/design.ts';
import type { SystemDefinition } from '../qsys/start-cores.ts';

type Component = DesignInput['components'][number];

const PHRASES = ['Welcome', 'Closing in 15 minutes', 'Closing', 'Please leave the building'];

/** The gain, the meter and the source of one zone. */
const zone = (name: string, gainDb: number): Component[] => [
  {
    name: `${name} Gain`,
    type: 'gain',
    properties: { max_gain: '20', min_gain: '-100' },
    controls: [
      { kind: 'number', name: 'gain', min: -100, max: 20, value: gainDb, unit: 'dB' },
      { kind: 'toggle', name: 'mute', off: 'unmuted', on: 'muted' },
      { kind: 'toggle', name: 'invert', off: 'normal', on: 'inverted' },
      { kind: 'toggle', name: 'bypass', off: 'no', on: 'yes' },
    ],
  },
  {
    name: `${name} Meter`,
    type: 'meter2',
    controls: [
      {
        kind: 'number',
        name: 'meter.1',
        min: -120,
        max: 20,
        value: -60,
        unit: 'dB',
        isReadOnly: true,
        swing: { low: -42, high: gainDb - 6, periodSeconds: 7 },
      },
    ],
  },
  {
    name: `${name} Source`,
    type: 'selector',
    controls: [{ kind: 'text', name: 'selector', value: 'Music', choices: ['Music', 'Microphone', 'Film', 'Off'] }],
  },
];

const amplifier = (name: string): Component => ({
  name,
  type: 'cxq_amplifier',
  controls: [
    { kind: 'status', name: 'status' },
    {
      kind: 'number',
      name: 'psu.temp',
      min: 0,
      max: 120,
      value: 41,
      unit: '°C',
      isReadOnly: true,
      swing: { low: 39, high: 44, periodSeconds: 600 },
    },
    { kind: 'number', name: 'system.fan.1.speed', min: 0, max: 9_000, value: 2_100, unit: 'RPM', isReadOnly: true },
    { kind: 'toggle', name: 'channel.1.mute', off: 'unmuted', on: 'muted' },
    { kind: 'toggle', name: 'channel.2.mute', off: 'unmuted', on: 'muted' },
  ],
});

const announcements: Component = {
  name: 'Announcements',
  type: 'audio_file_player',
  controls: [
    { kind: 'text', name: 'phrase', value: PHRASES[0] ?? '', choices: PHRASES },
    { kind: 'text', name: 'ticker', value: 'أهلاً وسهلاً · Bienvenue · Willkommen' },
    { kind: 'trigger', name: 'play' },
  ],
};

/** Each zone's gain and mute have names of their own: "Foyer Gain" is FoyerGain and FoyerMute. */
const namesOf = (zones: readonly string[]) =>
  Object.fromEntries(
    zones.flatMap((name) => {
      const own = name.normalize('NFD').replace(/[^A-Za-z0-9]/g, '');
      return ['gain', 'mute'].map((control) => [
        `${own}${control === 'gain' ? 'Gain' : 'Mute'}`,
        { component: `${name} Gain`, control },
      ]);
    }),
  );

const scenesOf = (zones: readonly string[]) => ({
  name: 'Scenes',
  snapshots: 4,
  controls: zones.flatMap((name) => ['gain', 'mute'].map((control) => ({ component: `${name} Gain`, control }))),
});

const HALLS = ['Foyer', 'Hall 1', 'Hall 2', 'Hall 3', 'Café'];
const CHILDREN = ['Children', 'Workshop'];

const museumDesign: DesignInput = {
  name: 'Museum',
  code: 'wMuseumHalls1',
  components: [
    ...HALLS.flatMap((name, i) => zone(name, -12 - 2 * i)),
    { name: 'Museum Mixer', type: 'mixer', mixer: { inputs: 8, outputs: 5, cues: 1 } },
    amplifier('Amplifier 1'),
    amplifier('Amplifier 2'),
    announcements,
  ],
  namedControls: namesOf(HALLS),
  snapshotBanks: [scenesOf(HALLS)],
};

const childrensDesign: DesignInput = {
  name: "Children's museum",
  code: 'wMuseumKids1',
  components: [...CHILDREN.flatMap((name) => zone(name, -18)), amplifier('Amplifier'), announcements],
  namedControls: namesOf(CHILDREN),
  snapshotBanks: [scenesOf(CHILDREN)],
};

/** The museum's sound: a redundant pair for the halls, and a Core for the children's museum that wants a logon. */
export const museumSound: readonly SystemDefinition[] = [
  {
    design: museumDesign,
    core: { name: 'Sound Core', platform: 'Core 510i' },
    backup: { name: 'Sound Core backup', platform: 'Core 510i' },
  },
  {
    design: childrensDesign,
    // Listens on loopback only, so this opens nothing.
    core: { name: 'Children Core', platform: 'Core Nano', user: { name: 'museum', password: 'museum-sound' } },
  },
];
