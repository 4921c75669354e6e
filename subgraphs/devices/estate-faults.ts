import { type Path, type Place, pathText } from '@wheelhouse/kit/placed-yaml.ts';
import type { TextFault } from './estate-text.ts';
import type { Fault } from './registry-rules.ts';

const MAX_FAULTS = 200;

/** A mistake in an import. `path` and `place` are those in the content; null where it is no part of that. */
export type ImportFault = Pick<Fault, 'code' | 'message'> & { field: string; path: string | null; place: Place | null };

export const faultOf = (field: string, code: Fault['code'], message: string): ImportFault => ({
  ...{ field, code, message },
  ...{ path: null, place: null },
});
export const textFaultsAt = (field: string, faults: readonly TextFault[]): ImportFault[] =>
  faults.map(({ message, place }) => ({ ...faultOf(field, 'INVALID', message), place }));

const byPlace = (one: ImportFault, other: ImportFault): number =>
  (one.place?.line ?? 0) - (other.place?.line ?? 0) || (one.place?.column ?? 0) - (other.place?.column ?? 0);

/** The first of them in the order of the file, and how many more there are. */
export function shown(faults: readonly ImportFault[], field: string): ImportFault[] {
  const sorted = faults.toSorted(byPlace);
  if (sorted.length <= MAX_FAULTS) return sorted;
  const more = faultOf(field, 'INVALID', `there are ${sorted.length - MAX_FAULTS} more mistakes in the file`);
  return [...sorted.slice(0, MAX_FAULTS), more];
}

export async function placed(
  faults: readonly Fault[],
  field: string,
  placesOf: (paths: readonly Path[]) => Promise<Place[]>,
): Promise<ImportFault[]> {
  const places = await placesOf(faults.map(({ path }) => path));
  const found = faults.map(({ path, code, message }, index): ImportFault => {
    const text = pathText(path);
    return { field, code, message, path: text === '' ? null : text, place: places[index] ?? null };
  });
  return shown(found, field);
}
