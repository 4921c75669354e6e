export const texts = {
  title: 'History',
  availability: 'Available',
  export: 'Export',
  exportOf: (format: string) => `Export this range as ${format}`,
  formats: { csv: 'CSV', ndjson: 'NDJSON' },
  steps: { HOUR: 'hour by hour', DAY: 'by day', WEEK: 'by week', MONTH: 'by month' },
  shown: (step: string, zone: string) =>
    `Shown ${step}. Times are those of ${zone}; days, weeks and months are of UTC.`,
  exportTooLong: (days: number) => `An export reaches over ${days} days at most: choose a shorter range.`,
  manyChanges: (count: number) =>
    `More than ${count.toLocaleString('en')} changes lie in this range: outages behind them are not shaded. Choose a shorter one.`,
  none: {
    title: 'Nothing is known of this time',
    text: 'Samples are taken on the hour, from when the device was added. Choose another range, or wait for the next hour.',
  },
};
