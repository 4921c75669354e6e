import type { AuditFilter, AuditLogQuery } from '../../../generated/admin/graphql.ts';

export type AuditRecord = NonNullable<AuditLogQuery['auditLog']>['nodes'][number];

/** What narrows the log, and which page of it is shown; all of it is kept in the address. */
export type AuditAddress = {
  actor: string;
  action: string;
  target: string;
  site: string | null;
  /** Whether only what was refused is shown. */
  refused: boolean;
  /** RFC 3339; null: without a bound. */
  from: string | null;
  to: string | null;
  /** The cursor behind which the page begins; null: the newest. */
  after: string | null;
};

const instantOf = (text: string | null): string | null => {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? null : new Date(at).toISOString();
};

/** What an address says; what it says wrongly counts as not said. */
export const readAddress = (address: URLSearchParams): AuditAddress => ({
  actor: address.get('actor')?.trim() ?? '',
  action: address.get('action')?.trim() ?? '',
  target: address.get('target')?.trim() ?? '',
  site: address.get('site') || null,
  refused: address.get('refused') === '1',
  from: instantOf(address.get('from')),
  to: instantOf(address.get('to')),
  after: address.get('after') || null,
});

/** The address for these; what is not said is left out, and parameters that are not ours stay. */
export function writeAddress(wanted: AuditAddress, address: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(address);
  for (const [name, value] of Object.entries(wanted)) {
    if (value === null || value === '' || value === false) next.delete(name);
    else next.set(name, value === true ? '1' : value);
  }
  return next;
}

/** Narrowed otherwise it is another log: its first page is shown. */
export const narrowed = (before: AuditAddress, change: Partial<Omit<AuditAddress, 'after'>>): AuditAddress => ({
  ...before,
  ...change,
  after: null,
});

/** What narrows nothing. */
export const WHOLE: Omit<AuditAddress, 'after'> = {
  ...{ actor: '', action: '', target: '', site: null, refused: false, from: null, to: null },
};

/** The same as the graph takes it. */
export const filterOf = ({ actor, action, target, site, refused, from, to }: AuditAddress): AuditFilter => ({
  ...(actor !== '' && { actor }),
  ...(action !== '' && { action }),
  ...(target !== '' && { target }),
  ...(site !== null && { site }),
  ...(refused && { refused }),
  ...(from !== null && { from }),
  ...(to !== null && { to }),
});

export const isNarrowed = (address: AuditAddress): boolean => Object.keys(filterOf(address)).length > 0;

/** What tells people what something is, of what a record says of it. */
const NAMES = ['email', 'name'];

const namedIn = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null) return null;
  const named = Object.entries(value).find(([name, text]) => NAMES.includes(name) && typeof text === 'string');
  return named === undefined ? null : String(named[1]);
};

/** What people call that to which something was done: what the record says it is now, or was; else its id. */
export const subjectOf = (record: Pick<AuditRecord, 'target' | 'before' | 'after'>): string | null =>
  namedIn(record.after) ?? namedIn(record.before) ?? record.target;

const REFUSED = '.refused';
export const isRefused = (action: string): boolean => action.endsWith(REFUSED);

/** How often something was refused: a flood of refusals is one record, whose `after` has their number. 0 for what was not refused. */
export function refusedTimes({ action, after }: { readonly action: string; readonly after?: unknown }): number {
  if (!isRefused(action)) return 0;
  const count = typeof after === 'object' && after !== null && 'count' in after ? after.count : 1;
  return typeof count === 'number' && Number.isSafeInteger(count) && count > 0 ? count : 1;
}
