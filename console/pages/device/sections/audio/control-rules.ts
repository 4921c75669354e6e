import type { AudioControlsQuery } from '../../../../generated/device/sections/audio/graphql.ts';
import { texts } from './texts.ts';

type Core = Extract<NonNullable<AudioControlsQuery['device']>, { __typename: 'AudioCore' }>;
export type Control = NonNullable<Core['component']>['controls'][number];
/** What a control says; what is stored and what is told live have these in common. */
export type Reading = Pick<Control, 'value' | 'string' | 'position' | 'measuredAt'>;
export type Limits = { min: number; max: number };

/** How a control is shown, and by what it is set where it can be; a meter and a value are only read. */
export type Kind = 'fader' | 'mute' | 'switch' | 'number' | 'position' | 'text' | 'trigger' | 'meter' | 'value';
/** Those that a value is typed for. */
export type TypedKind = Extract<Kind, 'number' | 'position' | 'text'>;

const DECIBELS = /dB$/i;
const MUTE = /(^|[./])mute$/i;
/** Whether a control, by its name or its key in changes, is a mute. */
export const isMute = (name: string): boolean => MUTE.test(name);
const ARROW_DB = 0.5;
const FINE_DB = 0.1;
const PAGE_DB = 3;

export const limitsOf = ({ min, max }: Pick<Control, 'min' | 'max'>): Limits | null =>
  min !== null && max !== null && min < max ? { min, max } : null;

const TRIGGERS: readonly string[] = ['Trigger', 'State Trigger'];
/** Types of which the graph takes a number (subgraphs/qsys/settings-wanted.ts); a Status only tells. */
const NUMBERS: readonly string[] = ['Float', 'Integer', 'Time', 'Unknown'];

/**
 * What the control is, by what the Core says of it: a number with limits that it words in dB is a fader, or a meter where it can't be set.
 * What can be set is set by what it has: a number in its own unit, else a text, else a part of its range.
 */
export function kindOf(control: Omit<Control, 'measuredAt'>): Kind {
  const { name, type, string, value, position, direction } = control;
  if (type === 'Boolean' && isMute(name)) return 'mute';
  if (type === 'Float' && DECIBELS.test(string ?? '') && limitsOf(control) !== null)
    return direction === 'READ_WRITE' ? 'fader' : 'meter';
  if (direction === 'READ_ONLY') return 'value';
  if (TRIGGERS.includes(type)) return 'trigger';
  if (type === 'Boolean') return value === null ? 'value' : 'switch';
  if (type === 'Text') return 'text';
  if (!NUMBERS.includes(type)) return 'value';
  if (value !== null) return 'number';
  return position === null ? 'value' : 'position';
}

/** The unit in which a number is typed; empty where the Core's own words are all that tells it. */
export const unitOf = ({ type, string }: Pick<Control, 'type' | 'string'>): string =>
  type === 'Time' ? 's' : DECIBELS.test(string ?? '') ? 'dB' : '';

/** A value within the limits, in tenths of a dB; a limit that is no tenth stays what it is. */
export function withinLimits(value: number, { min, max }: Limits): number {
  return Math.min(max, Math.max(min, Math.round(value * 10) / 10));
}

/** Where a key moves a fader, in dB; null where the key is none of its own. */
export function afterKey(key: string, isFine: boolean, value: number, limits: Limits): number | null {
  const step = isFine ? FINE_DB : ARROW_DB;
  switch (key) {
    case 'ArrowUp':
    case 'ArrowRight':
      return withinLimits(value + step, limits);
    case 'ArrowDown':
    case 'ArrowLeft':
      return withinLimits(value - step, limits);
    case 'PageUp':
      return withinLimits(value + PAGE_DB, limits);
    case 'PageDown':
      return withinLimits(value - PAGE_DB, limits);
    case 'Home':
      return limits.min;
    case 'End':
      return limits.max;
    default:
      return null;
  }
}

/** The part of its range that a value is at, 0 to 1. */
export const partOf = (value: number, { min, max }: Limits): number =>
  Math.min(1, Math.max(0, (value - min) / (max - min)));

/** What a control says, in words: the Core's own where there are any. */
export function readingText(kind: Kind, { value, string }: Pick<Reading, 'value' | 'string'>): string {
  if (kind === 'mute' && value !== null) return value === 0 ? texts.control.unmuted : texts.control.muted;
  if (kind === 'switch' && value !== null) return value === 0 ? texts.control.off : texts.control.on;
  if ((kind === 'fader' || kind === 'meter') && value !== null) return texts.control.decibels(value);
  if (string !== null && string !== '') return string;
  // A trigger says nothing, and a text may be empty.
  if (kind === 'trigger' || (kind === 'text' && string !== null)) return '';
  return value === null ? texts.control.unknown : texts.control.number(value);
}

/** Those in which every word of the search is found, in any of their texts. */
export function matching<Item>(all: readonly Item[], search: string, textsOf: (item: Item) => string): readonly Item[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return all;
  return all.filter((item) => {
    const text = textsOf(item).toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export type PageOf<Item> = { items: readonly Item[]; page: number; pages: number; from: number; to: number };

/** A page of a list, counted from 0; the last one where there are fewer. `from` and `to` count from 1. */
export function pageOf<Item>(all: readonly Item[], wanted: number, size: number): PageOf<Item> {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  const items = all.slice(page * size, (page + 1) * size);
  return { items, page, pages, from: items.length === 0 ? 0 : page * size + 1, to: page * size + items.length };
}

type Named = { name: string; type: string };

/** The components that are open: those of the address; where it names none, the first gains, since they are what is mostly looked for. */
export function openAtFirst(address: URLSearchParams, components: readonly Named[], count: number): readonly string[] {
  const named = address.getAll('component');
  if (named.length > 0) return named.filter((name) => name !== '');
  const gains = components.filter(({ type }) => type === 'gain');
  return (gains.length > 0 ? gains : components).slice(0, count).map(({ name }) => name);
}
