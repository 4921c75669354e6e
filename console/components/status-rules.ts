/** What a device can be said to be. */
export type Status = 'ONLINE' | 'DEGRADED' | 'OFFLINE' | 'UNKNOWN';

/** From what needs a person first to what needs nobody: the order of lists, counts and legends. */
export const STATUSES: readonly Status[] = ['OFFLINE', 'DEGRADED', 'UNKNOWN', 'ONLINE'];

/** For sorting: the worst first. */
export const severity = (status: Status): number => STATUSES.indexOf(status);

export const isStatus = (text: string): text is Status => (STATUSES as readonly string[]).includes(text);

/** The token of a status's colour. */
export const statusToken = (status: Status | 'MAINTENANCE'): `--${string}` => `--status-${status.toLowerCase()}`;

/** A text in which the graph names statuses, such as `ONLINE → OFFLINE`, in the words of the console. */
export const inStatusWords = (text: string, words: Readonly<Record<Status, string>>): string =>
  text.replaceAll(/\b[A-Z]+\b/g, (word) => (isStatus(word) ? words[word] : word));
