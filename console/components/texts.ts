/** What the shared components say. */
export const texts = {
  status: {
    ONLINE: 'Online',
    DEGRADED: 'Degraded',
    OFFLINE: 'Offline',
    UNKNOWN: 'Unknown',
    MAINTENANCE: 'Maintenance',
    stale: 'Stale',
    asOf: (time: string) => `as of ${time}`,
  },
  neverSeen: 'not seen yet',
  table: {
    sortBy: (column: string) => `Sort by ${column}`,
    selectAll: 'Select all',
    select: (name: string) => `Select ${name}`,
  },
  dialog: { cancel: 'Cancel', close: 'Close' },
  field: { clear: 'Clear', optional: 'optional' },
  toast: { region: 'Messages', dismiss: 'Dismiss' },
  loading: 'Loading',
  refused: {
    title: 'You may not see this',
    missing: (scopes: string) => `It needs the right ${scopes}.`,
    who: 'An admin can give it to you, in Admin under Users.',
  },
  failed: {
    title: 'This could not be loaded',
    away: 'A service does not answer. What else is on the page is good.',
    unreachable: 'Wheelhouse does not answer. It is asked again as soon as you try.',
    again: 'Try again',
    quote: (code: string, id: string | null) => (id === null ? `Code ${code}` : `Code ${code}, to quote: ${id}`),
    partly: 'Some of this could not be loaded:',
  },
};
