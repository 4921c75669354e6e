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
  /** What the scopes of the graph allow, in words. */
  scopes: {
    'estate:read': 'see devices and their status',
    'estate:write': 'add, change and remove devices',
    'history:read': 'see the past',
    'settings:write': 'set devices',
    'readings:write': 'bring readings',
    'accounts:write': 'manage users',
    'audit:read': 'read the audit log',
  } as Readonly<Record<string, string>>,
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
    missing: (rights: string) => `It needs the right to ${rights}.`,
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
