export const texts = {
  table: 'Audit log',
  filters: 'Narrow the audit log',
  actor: 'Who',
  action: 'What',
  actionExample: 'devices.addDevice',
  target: 'On which id',
  from: 'From',
  to: 'Before',
  onlyRefused: 'Only what was refused',
  zone: (zone: string) => `From and Before are times of ${zone}.`,
  show: 'Show',
  clear: 'Clear',
  columns: { at: 'When', actor: 'Who', action: 'What', target: 'On what', site: 'Where', details: 'Details' },
  counted: (records: number, refused: number, times: number) => {
    const all = records === 1 ? '1 record' : `${records} records`;
    if (refused === 0) return `${all} on this page, none refused`;
    const often = times === refused ? '' : `, ${times.toLocaleString('en')} times in all`;
    return `${all} on this page, ${refused} refused${often}`;
  },
  refused: 'Refused',
  refusedTimes: (times: number) => `Refused ${times.toLocaleString('en')} times`,
  open: (action: string, at: string) => `Details of ${action}, ${at}`,
  detailsOf: 'Details',
  facts: { at: 'When', reason: 'Why', origin: 'From address', target: 'On which id', actor: 'Who', id: 'Record' },
  /** What is told of a refusal, by its name in the record; others stand as they are. */
  told: { code: 'Refused as', count: 'How often', lastAt: 'The last time', why: 'Refused as' } as Readonly<
    Record<string, string>
  >,
  noReason: 'nobody said',
  noOrigin: 'by itself',
  onlyThis: (what: string) => `Only ${what}`,
  noChange: 'There is nothing to compare: it has neither a before nor an after.',
  diff: { table: 'What was changed', field: 'Field', before: 'Before', after: 'After', change: 'Change' },
  change: { ADDED: 'Added', REMOVED: 'Removed', CHANGED: 'Changed', SAME: 'As before' },
  nothing: 'not set',
  whole: 'the whole',
  unchanged: (fields: number) => (fields === 1 ? '1 field as before' : `${fields} fields as before`),
  newest: 'Newest',
  older: 'Older',
  pages: 'Pages of the audit log',
  none: {
    title: 'Nothing on record yet',
    text: 'Each change that somebody makes appears here, within half a minute.',
    filtered: 'No record matches',
    filteredText:
      'Nothing on record has all that the filters ask for. What concerns no site, such as a sign-in, is shown where no site is chosen.',
  },
};
