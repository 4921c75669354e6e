export const texts = {
  title: 'Devices',
  table: 'Devices',
  search: 'Search by name, address or id',
  system: 'System',
  allSystems: 'All systems',
  statuses: 'Status',
  clear: 'Clear filters',
  counts: (shown: number, total: number) =>
    shown === total
      ? `${total.toLocaleString('en')}`
      : `${shown.toLocaleString('en')} of ${total.toLocaleString('en')}`,
  loadingMore: (loaded: number, total: number) =>
    `${loaded.toLocaleString('en')} of ${total.toLocaleString('en')} are here; the rest is loading.`,
  columns: {
    name: 'Name',
    status: 'Status',
    since: 'Since',
    site: 'Site',
    system: 'System',
    address: 'Address',
    seen: 'Last look',
  },
  systems: { FIDA: 'Display', ENTERTAINMENT: 'Exhibit', APPSPACE: 'Signage player', QSYS: 'Audio core' },
  none: {
    title: 'No devices yet',
    text: 'Devices appear here once they are added: from a file, under Admin, or with the addDevice mutation.',
    filtered: 'No device matches',
    filteredText: 'Nothing here has all that the filters ask for.',
  },
};
