import { readPages } from './appspace/pages.ts';
import { AppspaceProblem } from './appspace/problem.ts';
import { createRequests, type RequestsOptions, type Round } from './appspace/requests.ts';
import { readChannel, readDeviceStatus, readPage, readPlayer } from './appspace/shapes.ts';
import type { Listing, Player } from './rules.ts';

/** So many ids stay within what every server takes for a URL. */
const STATUSES_AT_ONCE = 50;
/** Channels are renamed rarely, and there may be many. */
const CHANNELS_KEPT_MS = 10 * 60_000;

export type Appspace = {
  /** All players of the account. Never fails because of Appspace: then `problem` says why. @throws the signal's reason */
  listPlayers: (signal: AbortSignal) => Promise<Listing>;
};

export type AppspaceOptions = RequestsOptions & {
  /** How long one listing may take, all its requests together. */
  listingMs: number;
};

/** What an AppspaceProblem says; what else was thrown goes on. */
function problemOf(err: unknown): string {
  if (err instanceof AppspaceProblem) return err.message;
  throw err;
}

/** The players of one Appspace account, by some requests for all of them together. */
export function createAppspace({ listingMs, ...options }: AppspaceOptions): Appspace {
  const { now } = options;
  const requests = createRequests(options);
  let channels: { names: ReadonlyMap<string, string>; untilMs: number } = { names: new Map(), untilMs: 0 };

  /** Statuses of players that the list had without one. */
  async function addStatuses(players: Map<string, Player>, round: Round): Promise<string | null> {
    const without = [...players.values()].filter(
      ({ state, unknownStatus }) => state === null && unknownStatus === null,
    );
    for (let first = 0; first < without.length; first += STATUSES_AT_ONCE) {
      const deviceIds = without.slice(first, first + STATUSES_AT_ONCE).map(({ id }) => id);
      try {
        const answer = await requests.get('/devices/devicestatuses', { deviceIds: deviceIds.join(',') }, round);
        const asked = new Set(deviceIds);
        for (const item of readPage(answer)?.items ?? []) {
          const status = readDeviceStatus(item);
          const player = status && asked.has(status.id) && players.get(status.id);
          if (status && player) players.set(player.id, { ...player, ...status });
        }
      } catch (err) {
        return problemOf(err);
      }
    }
    return null;
  }

  /** Names of channels that the list had by their ids only. That they are missing is no problem of the players. */
  async function addChannelNames(players: Map<string, Player>, round: Round): Promise<void> {
    const without = [...players.values()].filter(
      ({ channelId, channelName }) => channelId !== null && channelName === null,
    );
    if (without.length === 0) return;
    if (channels.untilMs <= now()) {
      const { items } = await readPages((query) => requests.get('/channeldirectory', query, round), readChannel);
      channels = {
        names: new Map([...items.values()].map(({ id, name }) => [id, name])),
        untilMs: now() + CHANNELS_KEPT_MS,
      };
    }
    for (const player of without) {
      const channelName = channels.names.get(player.channelId ?? '') ?? null;
      players.set(player.id, { ...player, channelName });
    }
  }

  return {
    async listPlayers(signal) {
      const atMs = now();
      const round: Round = { untilMs: atMs + listingMs, signal };
      const { items: players, problem } = await readPages(
        (query) => requests.get('/devices', query, round),
        readPlayer,
      );
      if (problem !== null) return { atMs, players, problem: problem.message };
      const statusProblem = await addStatuses(players, round);
      await addChannelNames(players, round);
      return { atMs, players, problem: statusProblem };
    },
  };
}
