/** So many are told, and then one that says how many more there are. */
const MAX_REFUSALS = 200;

const devices = (count: number): string => (count === 1 ? '1 device' : `${count.toLocaleString('en')} devices`);
const zones = (count: number): string => (count === 1 ? '1 time zone' : `${count.toLocaleString('en')} time zones`);

export const texts = {
  intro:
    'An estate file, YAML or JSON, adds devices and changes those that are there. You see what it would do before anything is changed. Devices that it does not name stay as they are.',
  drop: 'Drop an estate file here, or',
  /** For those who paste instead of dropping. */
  dropHere: 'Place for an estate file',
  choose: 'Choose a file',
  another: 'Choose another file',
  limit: (bytes: number) => `At most ${bytes.toLocaleString('en')} bytes.`,
  tooLarge: (name: string, bytes: number, limit: number) =>
    `${name} has ${bytes.toLocaleString('en')} bytes, and at most ${limit.toLocaleString('en')} are taken. Split it: a file need not name the whole estate.`,
  notText: (name: string) => `${name} is no text in UTF-8. Save it as such, and choose it again.`,
  empty: (name: string) => `${name} is empty.`,
  unreadable: (name: string) => `${name} could not be read.`,
  noFile: 'What was dropped is no file.',
  comparing: (name: string) => `Comparing ${name} with what is there`,
  applying: 'Taking the file over',
  seconds: (seconds: number) => `${seconds} s so far; nothing is changed before it is all good.`,
  refusedTitle: (count: number) =>
    count === 1
      ? 'One thing is refused'
      : count > MAX_REFUSALS
        ? `More than ${MAX_REFUSALS} things are refused`
        : `${count} things are refused`,
  refusedText: 'A file is taken over wholly or not at all. Mend these, and choose the file again.',
  refusedTable: 'What is refused',
  refused: { place: 'Line, column', path: 'What', message: 'Why' },
  place: (line: number, column: number | null) => (column === null ? `${line}` : `${line}, ${column}`),
  counts: (name: string | null) => `What ${name ?? 'the file'} would do`,
  added: 'Added',
  changed: 'Changed',
  unchanged: 'As they are',
  sites: 'Time zones of sites',
  nothing: 'The file says what is there already: there is nothing to do.',
  differences: 'Differences',
  line: (line: number) => `line ${line}`,
  kind: { DEVICE_ADDED: 'Added', DEVICE_CHANGED: 'Changed', SITE_CHANGED: 'Site changed' },
  field: 'Field',
  before: 'Before',
  after: 'After',
  secret: 'a secret, not shown',
  secretChanged: 'another secret, not shown',
  notSet: 'not set',
  fieldsOf: (name: string) => `Fields of ${name}`,
  firstOnly: (shown: number, total: number) =>
    `The first ${shown.toLocaleString('en')} of ${total.toLocaleString('en')} are shown.`,
  kinds: 'What is shown',
  allKinds: 'All differences',
  onlyKind: { DEVICE_ADDED: 'Added only', DEVICE_CHANGED: 'Changed only', SITE_CHANGED: 'Time zones of sites only' },
  search: 'Search by name, id or site',
  matching: (total: number) =>
    total === 0 ? 'No difference matches.' : total === 1 ? '1 difference' : `${total.toLocaleString('en')} differences`,
  moreAgain: 'Try to load more',
  apply: (added: number, changed: number, sites: number) =>
    [
      added > 0 ? `Add ${devices(added)}` : null,
      changed > 0 ? `${added > 0 ? 'change' : 'Change'} ${devices(changed)}` : null,
      sites > 0 ? `${added + changed > 0 ? 'set' : 'Set'} ${zones(sites)}` : null,
    ]
      .filter((part) => part !== null)
      .join(', '),
  until: (time: string, zone: string) =>
    `Until ${time} (${zone}) it can be applied, also by somebody else to whom you give this address.`,
  conflictTitle: 'Something has moved since',
  conflictText: 'Nothing was changed. Choose the file again to see what it would do now.',
  failedTitle: 'It was not taken over',
  failedText: 'Nothing was changed.',
  unsureText:
    'Whether it was taken over is not known. Try again: a plan that was applied already is not applied twice.',
  again: 'Try again',
  goneTitle: 'This plan is over',
  goneText: 'It was applied, or its 15 minutes are over. Choose the file again to see what it would do now.',
  doneTitle: 'The file is taken over',
  done: (added: number, changed: number, unchanged: number, sites: number) =>
    `${devices(added)} added, ${changed.toLocaleString('en')} changed, ${unchanged.toLocaleString('en')} as they were${sites > 0 ? `, ${zones(sites)} set` : ''}.`,
  toDevices: 'Go to the devices',
};
