import { ANONYMOUS, type Stamp } from '@wheelhouse/kit/actor.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { answerTo, findRepeated, outcomesOf } from '@wheelhouse/kit/settings-answers.ts';
import type { CheckedManner } from '@wheelhouse/kit/settings-manner.ts';
import type { Outcomes } from '@wheelhouse/kit/settings-outcomes.ts';
import { type ChangeRequest, requestChanges, type SettingsChangeRow } from '@wheelhouse/kit/settings-requests.ts';
import { enqueueChanges, type SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import { type Ask, checkAsk, expectedOf, type Refused, wantedOf } from './settings-checks.ts';
import type { SettingsMetrics } from './settings-metrics.ts';
import type { AskedControl } from './settings-wanted.ts';
import { settingsTables as tables } from './tables.ts';

/** What controls are set with. */
export type SettingsDeps = {
  db: Database;
  queue: JobQueue<SettingsJob>;
  outcomes: Outcomes;
  sealer: Sealer;
  metrics: SettingsMetrics;
  now: () => Date;
  logger: Logger;
};

/** What came of an ask. */
export type Answer = Refused | { kind: 'taken'; deviceId: string; change: SettingsChangeRow };

export const byAnyone = (now: () => Date): Stamp => ({ at: now(), actor: ANONYMOUS });

/** @param controls all of them; what the cross-points of the ask are takes a look at the design */
function requestOf(ask: Ask, controls: readonly AskedControl[]): ChangeRequest {
  const { deviceId, controls: named, crossPoints, ...rest } = ask;
  const expected = expectedOf(controls);
  return {
    ...{ subject: deviceId, sent: wantedOf(controls), ...rest },
    ...(Object.keys(expected).length > 0 && { expected }),
    ...(crossPoints.length > 0 && { asked: [wantedOf(named), crossPoints] }),
  };
}

/** The answer for a change that there is already, after `waitMs` at most. */
export async function waitFor(deps: SettingsDeps, change: SettingsChangeRow, waitMs: number): Promise<Answer> {
  const ended = await outcomesOf(deps, [change.id], waitMs);
  return { kind: 'taken', deviceId: change.subject, change: ended.get(change.id) ?? change };
}

/** Checks what is wanted, asks for it to be set, and waits for the outcome. */
export async function setControls(
  deps: SettingsDeps,
  ask: Ask,
  { waitMs }: Pick<CheckedManner, 'waitMs'>,
): Promise<Answer> {
  const { db, metrics } = deps;
  const { deviceId } = ask;
  const by = byAnyone(deps.now);
  const settled = await checkAsk(db, ask);
  if ('kind' in settled) {
    const earlier = (await findRepeated(db, tables, by.actor, [requestOf(ask, ask.controls)])).get(deviceId);
    return earlier ? waitFor(deps, earlier, waitMs) : settled;
  }
  const request = requestOf(ask, settled.controls);
  const [outcome] = await db.transaction((tx) => requestChanges(tx, tables, [request], { by }));
  if (outcome === undefined) throw new Error('a request was not answered');
  if (outcome.kind === 'accepted') {
    metrics.superseded(outcome.superseded.length);
    // Not waited for: while the queues are away the request is as good as ever, and the reconciler makes the jobs.
    void enqueueChanges(deps.queue, [outcome.change], deps);
  }
  const answer = answerTo(outcome, ask.expectedVersion);
  return 'change' in answer
    ? waitFor(deps, answer.change, waitMs)
    : { kind: 'refused', deviceId, isKnown: true, faults: [answer.fault] };
}
