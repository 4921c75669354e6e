export const texts = {
  region: 'Chosen devices',
  chosen: (displays: number, devices: number) =>
    displays === devices
      ? `${displays.toLocaleString('en')} chosen`
      : `${devices.toLocaleString('en')} chosen, ${displays.toLocaleString('en')} of them displays, which can be set here`,
  clear: 'Choose none',
  on: 'Switch on',
  off: 'Switch off',
  dimTo: 'Set brightness',
  displays: (count: number) => (count === 1 ? '1 display' : `${count.toLocaleString('en')} displays`),
  inPlace: (place: string) => `in ${place}`,
  atSites: (count: number) => `at ${count.toLocaleString('en')} sites`,
  switch: {
    ON: (what: string) => `Switch on ${what}`,
    OFF: (what: string) => `Switch off ${what}`,
  },
  dim: (what: string, percent: number) => `Set ${what} to ${percent} % brightness`,
  brightness: 'Brightness in percent',
  brightnessFault: 'Give a number from 0 to 100; what a display takes less of is refused for that one.',
  reason: 'Reason',
  looking: 'Asking what would happen',
  consequences: {
    ON: (count: number) => `${count.toLocaleString('en')} will show a picture.`,
    OFF: (count: number) =>
      `${count.toLocaleString('en')} will go dark, and stay so until somebody, or their hours of operation, switches them on.`,
    dim: (count: number) => `${count.toLocaleString('en')} will change.`,
  },
  already: (count: number) => `${count.toLocaleString('en')} are so already.`,
  refused: (count: number, message: string) => `${count.toLocaleString('en')} will not be asked: ${message}`,
  nothing: 'Nothing would be asked of any of them.',
  leave: 'Each has an outcome of its own. You can leave this page meanwhile.',
  run: {
    region: 'What was asked of many displays',
    counts: (count: number, state: string) => `${count.toLocaleString('en')} ${state}`,
    going: 'It goes on when you leave this page.',
    away: 'Wheelhouse does not answer; it is asked again.',
    done: (deed: string, applied: number, total: number) =>
      `${deed}: ${applied.toLocaleString('en')} of ${total.toLocaleString('en')} applied.`,
    again: (count: number) => `Send again to the other ${count.toLocaleString('en')}`,
    dismiss: 'Put away',
    showAll: 'Show each',
    device: 'Display',
    outcome: 'Outcome',
    detail: 'What it says',
  },
  states: {
    SENDING: 'sending',
    APPLIED: 'applied',
    MISMATCH: 'mismatch',
    UNREACHABLE: 'unreachable',
    REJECTED: 'rejected',
    SUPERSEDED: 'superseded',
    REFUSED: 'not asked',
  },
};
