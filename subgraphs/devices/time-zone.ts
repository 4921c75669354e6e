/** Whether `name` is an IANA time zone. (`Intl.supportedValuesOf` lacks aliases, Asia/Kolkata among them.) */
export function isTimeZone(name: string): boolean {
  try {
    // Offsets such as +02:00 pass there too, but know nothing of daylight saving.
    return !/^[+-]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}
