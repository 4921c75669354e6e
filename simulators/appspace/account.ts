/** What a client of the simulated account has to have. It listens on loopback only, so these open nothing. */
export const MUSEUM_ACCOUNT = { subjectId: 'museum-application', refreshToken: 'museum-refresh-token' } as const;
export type AccountSecrets = { subjectId: string; refreshToken: string };
