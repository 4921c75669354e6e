import { ANONYMOUS, type Stamp } from '@wheelhouse/kit/actor.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { answerTo, findRepeated, outcomesOf } from '@wheelhouse/kit/settings-answers.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import type { CheckedManner } from '@wheelhouse/kit/settings-manner.ts';
import type { Outcomes } from '@wheelhouse/kit/settings-outcomes.ts';
import {
  type Accepted,
  type ChangeRequest,
  type Requested,
  requestChanges,
  type SettingsChangeRow,
} from '@wheelhouse/kit/settings-requests.ts';
import { enqueueChanges, type SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import type { KeptSettings } from './kept-settings.ts';
import { type Ask, checkAsks, type Refused, type Settled } from './settings-checks.ts';
import type { SettingsMetrics } from './settings-metrics.ts';
import { settingsTables } from './tables.ts';

/** What settings are requested with. */
export type SettingsDeps = {
  db: Database;
  queue: JobQueue<SettingsJob>;
  outcomes: Outcomes;
  sealer: Sealer;
  kept: readonly KeptSettings[];
  metrics: SettingsMetrics;
  now: () => Date;
  logger: Logger;
};

/** What came of an ask. */
export type Answer = Refused | { kind: 'taken'; deviceId: string; change: SettingsChangeRow };

export const byAnyone = (now: () => Date): Stamp => ({ at: now(), actor: ANONYMOUS });

const storeKept =
  (kept: readonly KeptSettings[]) =>
  async (tx: Queryable, accepted: readonly Accepted[]): Promise<void> => {
    for (const { names, store } of kept) {
      const rows = accepted.flatMap(({ request, change }) => {
        const wanted = request.kept?.wanted ?? {};
        const mine = names.filter((name) => name in wanted);
        const values = Object.fromEntries(mine.map((name) => [name, wanted[name]]));
        return mine.length > 0 ? [{ deviceId: request.subject, values, change }] : [];
      });
      if (rows.length > 0) await store(tx, rows);
    }
  };

function answerOf({ ask }: Settled, outcome: Requested): Answer {
  const { deviceId } = ask;
  const answer = answerTo(outcome, ask.expectedVersion);
  return 'change' in answer
    ? { kind: 'taken', deviceId, change: answer.change }
    : { kind: 'refused', deviceId, isKnown: true, faults: [answer.fault] };
}

const requestOf = ({ deviceId, sent, kept, ...rest }: Ask, before: SettingsValues): ChangeRequest => {
  const hasKept = Object.keys(kept).length > 0;
  return { subject: deviceId, sent, ...rest, ...(hasKept && { kept: { wanted: kept, before } }) };
};

/** The answers to asks that are refused, save to those that were accepted once under the same idempotency key. */
async function orEarlier(deps: SettingsDeps, asks: readonly Ask[], refused: readonly Refused[]): Promise<Answer[]> {
  const ids = new Set(refused.map(({ deviceId }) => deviceId));
  const requests = asks.flatMap((ask) => (ids.has(ask.deviceId) ? [requestOf(ask, {})] : []));
  const earlier = await findRepeated(deps.db, settingsTables, byAnyone(deps.now).actor, requests);
  return refused.map((answer): Answer => {
    const { deviceId } = answer;
    const change = earlier.get(deviceId);
    return change ? { kind: 'taken', deviceId, change } : answer;
  });
}

/**
 * Requests changes that were checked, at most one for a display, and makes the jobs that carry them out. What is kept by ourselves is
 * stored with them.
 *
 * @returns what came of each, in the order of `settled`
 */
export async function requestSettings(deps: SettingsDeps, settled: readonly Settled[], by: Stamp): Promise<Answer[]> {
  if (settled.length === 0) return [];
  const requests = settled.map(({ ask, before }) => requestOf(ask, before.kept));
  const outcomes = await deps.db.transaction((tx) =>
    requestChanges(tx, settingsTables, requests, { by, storeKept: storeKept(deps.kept) }),
  );
  const accepted = outcomes.flatMap((outcome) => (outcome.kind === 'accepted' ? [outcome] : []));
  for (const { change, superseded } of accepted) {
    if (change.state === 'APPLIED') deps.metrics.ended(change);
    deps.metrics.superseded(superseded.length);
  }
  const pending = accepted.flatMap(({ change }) => (change.state === 'PENDING' ? [change] : []));
  // Not waited for: while the queues are away the request is as good as ever, and the reconciler makes the jobs.
  if (pending.length > 0) void enqueueChanges(deps.queue, pending, deps);
  return settled.map((item, index) => {
    const outcome = outcomes[index];
    if (outcome === undefined) throw new Error('a request was not answered');
    return answerOf(item, outcome);
  });
}

/** Checks, requests, and waits for the outcomes of all together. In the order of `asks`. */
export async function setDisplays(
  deps: SettingsDeps,
  asks: readonly Ask[],
  { waitMs }: Pick<CheckedManner, 'waitMs'>,
): Promise<Answer[]> {
  const { settled, refused } = await checkAsks(deps, asks);
  const answers = [
    ...(await orEarlier(deps, asks, refused)),
    ...(await requestSettings(deps, settled, byAnyone(deps.now))),
  ];
  const taken = answers.flatMap((answer) => (answer.kind === 'taken' ? [answer.change.id] : []));
  const ended = await outcomesOf(deps, taken, waitMs);
  const byDevice = new Map(
    answers.map((answer): [string, Answer] => [
      answer.deviceId,
      answer.kind === 'taken' ? { ...answer, change: ended.get(answer.change.id) ?? answer.change } : answer,
    ]),
  );
  return asks.flatMap(({ deviceId }) => byDevice.get(deviceId) ?? []);
}
