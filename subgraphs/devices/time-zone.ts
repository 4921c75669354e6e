/** The names of three letters that the time zone database has. */
const SHORT_NAMES = new Set([
  'CET',
  'EET',
  'EST',
  'GMT',
  'HST',
  'MET',
  'MST',
  'PRC',
  'ROC',
  'ROK',
  'UCT',
  'UTC',
  'WET',
]);

/** Whether `name` is an IANA time zone. (`Intl.supportedValuesOf` lacks aliases, Asia/Kolkata among them.) */
export function isTimeZone(name: string): boolean {
  // Intl takes these too: offsets such as +02:00, which know nothing of daylight saving, and ICU's own abbreviations, such as IST, which
  // is India's time there and Ireland's or Israel's to others.
  if (/^[+-]/.test(name) || (name.length === 3 && !SHORT_NAMES.has(name.toUpperCase()))) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}
