const count = (devices: number): string => devices.toLocaleString('en');

export const texts = {
  title: 'Wall',
  heading: (site: string | null) => (site === null ? 'Wall: all sites' : `Wall: ${site}`),
  strip: 'Summary',
  estate: 'Devices by site',
  back: 'Devices',
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  fullScreenRefused: 'This browser does not allow full screen here.',
  site: (path: string, devices: number) => `${path}, ${count(devices)} ${devices === 1 ? 'device' : 'devices'}`,
  continued: (path: string) => `${path}, continued`,
  tile: (name: string, status: string, staleAsOf: string | null) =>
    `${name}: ${status}${staleAsOf === null ? '' : `, stale, as of ${staleAsOf}`}`,
  staleAsOf: (time: string) => `as of ${time}`,
  staleCount: 'Stale',
  notSeen: 'never',
  changes: {
    region: 'Changes in the last hour',
    since: (time: string) => `Changes since ${time}`,
    chart: (total: number, offline: number, minutes: string) =>
      `${count(total)} ${total === 1 ? 'change' : 'changes'} ${minutes}, ${count(offline)} of them to offline`,
    inTheLastHour: 'in the last hour',
    sinceTime: (time: string) => `since ${time}`,
    none: 'Nothing changed in the last hour.',
    unknown: 'What changed before could not be read.',
    removed: 'a removed device',
  },
  zone: (zone: string) => zone.replaceAll('_', ' '),
  loadingMore: (loaded: number, total: number) => `${count(loaded)} of ${count(total)} are here`,
  none: {
    title: 'No devices yet',
    text: 'Each device gets a tile here once it is added: from a file, under Admin, or with the addDevice mutation.',
    atSite: 'No devices at this site',
    atSiteText: 'Nothing stands here or below.',
    all: 'Show all sites',
  },
};
