import { type CloudOptions, type SimulatedCloud, startCloud } from '@wheelhouse/simulators/appspace/cloud.ts';
import { onTestFinished } from 'vitest';
import { type Appspace, type AppspaceOptions, createAppspace } from '../appspace.ts';

export const ACCOUNT = { subjectId: 'an-application', refreshToken: 'a-very-secret-refresh-token' };
export const CHANNELS = new Map([
  ['c1', 'Welcome'],
  ['c2', 'Today'],
]);

/** So many simulated players: p0, p1, ... */
export const players = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `p${i}`,
    name: `Player ${i}`,
    locationName: 'foyer',
    channelId: 'c1',
  }));

/** A simulated cloud and a client of it, until the test ends. */
export async function aCloud(
  options: Partial<CloudOptions> & { client?: Partial<AppspaceOptions> } = {},
): Promise<{ cloud: SimulatedCloud; appspace: Appspace; requested: string[] }> {
  const { client, ...ofCloud } = options;
  const cloud = await startCloud({ account: ACCOUNT, players: players(3), channels: CHANNELS, ...ofCloud });
  onTestFinished(() => cloud.close());
  const requested: string[] = [];
  const appspace = createAppspace({
    account: { url: cloud.url, ...ACCOUNT },
    timeoutMs: 2_000,
    listingMs: 5_000,
    onRequest: (path, outcome) => void requested.push(`${path} ${outcome}`),
    now: Date.now,
    ...client,
  });
  return { cloud, appspace, requested };
}

export const never = (): AbortSignal => new AbortController().signal;
