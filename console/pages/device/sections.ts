import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import type { PageDevice } from './use-device.ts';

/** What a section is given: the device as the page knows it, and the zone of its site, in which times are said. */
export type SectionProps = { device: PageDevice; zone: string };

/** What a section's folder says of it in entry.ts; it lies in pages/device/sections/<name>/, and is loaded when a device has it. */
export type SectionEntry = {
  /** Its heading; the page writes it, with an anchor of the folder's name. */
  title: string;
  /** Its place below the others; tens, so that there is room between. */
  order: number;
  /** The types of devices that have it. @default all of them */
  types?: readonly PageDevice['__typename'][];
  /** Without this right at the device it is left out (`viewerCan`). @default none */
  right?: 'edit' | 'set' | 'readHistory';
  /** Whether it is there in the present, while the page is read as of a past time, or in both. @default "present" */
  when?: 'present' | 'past' | 'both';
};

export type Section = SectionEntry & { name: string; Content: LazyExoticComponent<ComponentType<SectionProps>> };

const entries = import.meta.glob<SectionEntry>('./sections/*/entry.ts', { eager: true, import: 'entry' });
const modules = import.meta.glob<{ Section: ComponentType<SectionProps> }>('./sections/*/section.tsx');

/** Every folder in sections/ that has an entry.ts, in their order. */
export const sections: readonly Section[] = Object.entries(entries)
  .map(([path, entry]): Section => {
    const name = path.split('/')[2] ?? '';
    const load = modules[`./sections/${name}/section.tsx`];
    if (load === undefined) throw new Error(`pages/device/sections/${name} has an entry.ts, and no section.tsx`);
    return { ...entry, name, Content: lazy(async () => ({ default: (await load()).Section })) };
  })
  .sort((a, b) => a.order - b.order);

/** Those that a device has for this viewer, in the present or in the past. */
export const sectionsOf = (
  all: readonly Section[],
  device: Pick<PageDevice, '__typename' | 'viewerCan'>,
  isPast: boolean,
): readonly Section[] =>
  all.filter(
    ({ types, right, when = 'present' }) =>
      (types === undefined || types.includes(device.__typename)) &&
      (right === undefined || device.viewerCan[right]) &&
      (when === 'both' || when === (isPast ? 'past' : 'present')),
  );
