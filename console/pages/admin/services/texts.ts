export const texts = {
  list: 'Services',
  state: { UP: 'Up', DEGRADED: 'Degraded', DOWN: 'Down', MISSING: 'Never heard from', UNKNOWN: 'Unknown' },
  processState: {
    UP: 'Up',
    SILENT: 'Not heard from',
    REPLACED: 'Replaced',
    STOPPED: 'Stopped',
    UNKNOWN: 'Unknown',
  },
  role: { SERVER: 'Server', WORKER: 'Worker' },
  summary: (up: number, all: number) => (up === all ? `all ${all} are up` : `${up} of ${all} are up`),
  inZone: (time: string, zone: string) => `${time} (${zone})`,
  asked: (time: string) => `As of ${time}, asked again every 5 s.`,
  paused: (time: string) => `As of ${time}: not asked while nobody looks.`,
  stale: (time: string) => `Not live. What you see is as of ${time}; asked again every 5 s.`,
  processes: (service: string) => `Processes of ${service}`,
  columns: { role: 'Process', state: 'State', since: 'Since', version: 'Version', host: 'Machine' },
  never: 'No process of it has ever been heard from, or none within the last hour.',
  startedAt: (time: string) => `started ${time}`,
  heardAt: (time: string) => `last heard from ${time}`,
  pid: (host: string, pid: number) => `${host}, process ${pid}`,
  lastSweep: 'Last sweep',
  noSweep: 'none has come to its end yet',
  underWay: 'Under way',
  sweep: (seconds: string, visited: number, planned: number) =>
    `${seconds} s, ${visited.toLocaleString('en')} of ${planned.toLocaleString('en')} looked at`,
  progress: (visited: number, planned: number) =>
    `${visited.toLocaleString('en')} of ${planned.toLocaleString('en')} looked at`,
  missed: 'Missed',
  noSlots: 'no sweep was due yet since a worker is there',
  missedOf: (missed: number, slots: number, late: number) => {
    const sweeps = slots === 1 ? `${missed} of the last sweep` : `${missed} of the last ${slots} sweeps`;
    return late > 0 ? `${sweeps}, ${late.toLocaleString('en')} looks left out` : sweeps;
  },
  queues: (count: number) => (count === 1 ? '1 queue' : `${count} queues`),
  depth: (waiting: number, active: number) =>
    `${waiting.toLocaleString('en')} waiting, ${active.toLocaleString('en')} in hand`,
  none: { title: 'No services', text: 'Services appear here once their tables are made, at the first start.' },
};
