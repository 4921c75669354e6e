import type {
  ApplyEstateImportMutation,
  EstateDifferenceFilter,
  PlanEstateImportMutation,
} from '../../../generated/admin/graphql.ts';

export type Plan = NonNullable<NonNullable<PlanEstateImportMutation['planEstateImport']>['plan']>;
export type Refusal = NonNullable<PlanEstateImportMutation['planEstateImport']>['userErrors'][number];
export type Difference = Plan['differences']['nodes'][number];
export type Outcome = NonNullable<NonNullable<ApplyEstateImportMutation['applyEstateImport']>['outcome']>;

/** What an import is at. */
export type Phase =
  | { kind: 'choosing'; fault: string | null }
  /** A plan that an address names is looked for. */
  | { kind: 'opening' }
  | { kind: 'comparing'; name: string; since: number }
  /** `plan`: null where the file could not be read at all; its `id` is null where something is refused. `name`: of the file, where it was chosen here. */
  | { kind: 'planned'; name: string | null; plan: Plan | null; refusals: readonly Refusal[] }
  | { kind: 'applying'; plan: Plan; since: number }
  /** `isUnsure`: no answer came, so it may have been done. */
  | { kind: 'failed'; plan: Plan; messages: readonly string[]; isConflict: boolean; isUnsure: boolean }
  /** The right is there at some sites, and would have to hold everywhere. */
  | { kind: 'refused' }
  | { kind: 'gone' }
  | { kind: 'done'; outcome: Outcome };

/** All kinds of differences, what needs a look most first. */
export const KINDS: readonly Difference['kind'][] = ['DEVICE_CHANGED', 'SITE_CHANGED', 'DEVICE_ADDED'];

/** The kinds that a plan has. */
export const kindsOf = ({ added, changed, sitesChanged }: Pick<Plan, 'added' | 'changed' | 'sitesChanged'>) =>
  KINDS.filter((kind) => ({ DEVICE_ADDED: added, DEVICE_CHANGED: changed, SITE_CHANGED: sitesChanged })[kind] > 0);

/** What of the differences is looked at. */
export type DifferenceView = { kind: Difference['kind'] | null; search: string };
export const WHOLE: DifferenceView = { kind: null, search: '' };
export const isWhole = ({ kind, search }: DifferenceView): boolean => kind === null && search.trim() === '';

/** The most characters that the graph searches for. */
const MAX_SEARCH = 200;

/** The same as the graph takes it. */
export const filterOf = ({ kind, search }: DifferenceView): EstateDifferenceFilter => ({
  ...(kind !== null && { kinds: [kind] }),
  ...(search.trim() !== '' && { search: search.trim().slice(0, MAX_SEARCH) }),
});

/** Tells a difference from all others of its plan. */
export const keyOf = ({ kind, line, site, externalId }: Difference): string => `${kind} ${line} ${site} ${externalId}`;

/** The most bytes of a file, as the graph takes them (planEstateImport in subgraphs/devices/schema.graphql). */
export const MAX_BYTES = 1_000_000;

/** The text of a file: UTF-8 without its mark at the beginning; null for what is none. */
export function textOf(bytes: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** What an item is called. */
export const nameOf = ({ name, externalId, site }: Pick<Difference, 'name' | 'externalId' | 'site'>): string =>
  name ?? externalId ?? site;

/** How many differences there are in all: pages of them come later. */
export const totalOf = ({ added, changed, sitesChanged }: Pick<Plan, 'added' | 'changed' | 'sitesChanged'>): number =>
  added + changed + sitesChanged;
