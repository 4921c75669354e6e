import type { DesignInput } from '@wheelhouse/simulators/qsys/design.ts';

export const CONTROLS = 500;
const IN_COMPONENT = 20;
/** Every control changes once in a round, a part of them in each of its steps. */
export const ROUND_MS = 100;
export const STEPS = 10;

export type Place = { component: string; name: string };

/** Where the controls are that change, in an order that all know. */
export const places: readonly Place[] = Array.from({ length: CONTROLS }, (_, i) => ({
  component: `Meters ${Math.floor(i / IN_COMPONENT)}`,
  name: `level.${i % IN_COMPONENT}`,
}));
export const components: readonly string[] = [...new Set(places.map(({ component }) => component))];
const indexes = new Map(places.map(({ component, name }, i) => [`${component}/${name}`, i]));
export const indexOf = (component: string | null | undefined, name: string): number | undefined =>
  indexes.get(`${component}/${name}`);
/** The step of a round in which a control changes. */
export const stepOf = (index: number): number => Math.floor((index * STEPS) / CONTROLS);

/** What is set meanwhile. */
export const GAIN = { component: 'Hall', name: 'gain' };

const level = (name: string) => ({ kind: 'number' as const, name, min: 0, max: 1_000_000, value: 0, isReadOnly: true });

export const design: DesignInput = {
  name: 'Bench',
  code: 'qBench1',
  components: [
    ...components.map((name) => ({
      ...{ name, type: 'meter2' },
      controls: places.filter(({ component }) => component === name).map((place) => level(place.name)),
    })),
    {
      ...{ name: GAIN.component, type: 'gain' },
      controls: [{ kind: 'number', name: GAIN.name, min: -100, max: 20, value: 0, unit: 'dB' }],
    },
  ],
};

/** A control was told, as the n-th value that it had, at a time. */
export type Receipt = [index: number, value: number, atMs: number];

/** One clock for all processes of a machine, in milliseconds and parts of them. */
export const clockMs = (): number => performance.timeOrigin + performance.now();
