import type { Stamp } from '@wheelhouse/kit/actor.ts';
import type { Database } from '@wheelhouse/kit/database.ts';
import type { Asserted } from '@wheelhouse/kit/identity.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import type { JobQueue } from '@wheelhouse/kit/queue.ts';
import type { SettingsValues } from '@wheelhouse/kit/settings-changes.ts';
import type { Outcomes } from '@wheelhouse/kit/settings-outcomes.ts';
import {
  type ChangeRequest,
  findByKeys,
  isOfRequest,
  type Requested,
  requestChanges,
  type SettingsChangeRow,
} from '@wheelhouse/kit/settings-requests.ts';
import { findSettingsVersions } from '@wheelhouse/kit/settings-store.ts';
import { enqueueChanges, type SettingsJob } from '@wheelhouse/kit/settings-worker.ts';
import { type ControlRow, findComponents, findControls, findDesigns } from './design-store.ts';
import type { SettingsMetrics } from './settings-metrics.ts';
import { settingOf } from './settings-names.ts';
import { type AskedControl, type CheckedManner, type Fault, faultAt, faultOfControl } from './settings-rules.ts';
import { findTargets } from './store.ts';
import { settingsTables as tables } from './tables.ts';

/** What controls are set with. */
export type SettingsDeps = {
  db: Database;
  queue: JobQueue<SettingsJob>;
  outcomes: Outcomes;
  metrics: SettingsMetrics;
  now: () => Date;
  logger: Logger;
  /** Who asks. */
  identity: Asserted;
};

/** Controls of a Core, checked as far as that takes no look at what is known of it. */
export type Ask = { deviceId: string; controls: readonly AskedControl[] };

export type Answer =
  | { kind: 'refused'; isKnown: boolean; faults: Fault[] }
  | { kind: 'taken'; change: SettingsChangeRow }
  /** A dry run: what would be set, and what it was when that was last read. */
  | { kind: 'planned'; wanted: SettingsValues; before: SettingsValues; at: Date };

export type Refused = Extract<Answer, { kind: 'refused' }>;

/** What is said of a Core that is not there, and of one that the caller does not see. */
export const unknownCore = (deviceId: string): Refused => ({
  ...{ kind: 'refused', isKnown: false },
  faults: [faultAt('input.id', 'NOT_FOUND', `there is no Core ${deviceId}`)],
});

const refused = (fault: Fault): Answer => ({ kind: 'refused', isKnown: true, faults: [fault] });

const wantedOf = ({ controls }: Ask): SettingsValues =>
  Object.fromEntries(controls.map(({ setting, wanted }) => [setting, wanted]));

/** Checks controls by what the Core last told of them, which is nothing of named controls. */
async function checkAsk(db: Database, { deviceId, controls }: Ask): Promise<Answer | ReadonlyMap<string, ControlRow>> {
  if ((await findTargets(db, [deviceId])).length === 0) return unknownCore(deviceId);
  const places = controls.flatMap(({ component, name }) => (component === null ? [] : [{ deviceId, component, name }]));
  if (places.length === 0) return new Map();
  if ((await findDesigns(db, [deviceId])).length === 0) {
    const message = 'what can be set on the Core is not known: its components have not been read yet';
    return refused(faultAt('input.id', 'NOT_SETTABLE', message));
  }
  const known = new Map((await findControls(db, places)).map((row) => [settingOf(row), row]));
  const components = new Set(
    (
      await findComponents(
        db,
        places.map(({ component }) => ({ deviceId, component })),
      )
    ).map(({ name }) => name),
  );
  const faults = controls.flatMap((asked) => {
    const { component, path } = asked;
    if (component === null) return [];
    if (!components.has(component))
      return [
        faultAt(`${path}.component`, 'NOT_FOUND', `the design has no component ${component}, or does not show it`),
      ];
    return faultOfControl(asked, known.get(asked.setting)) ?? [];
  });
  return faults.length > 0 ? { kind: 'refused', isKnown: true, faults } : known;
}

/** What the controls would be set to, without a trace: nothing but reads. */
async function plan(deps: SettingsDeps, ask: Ask, known: ReadonlyMap<string, ControlRow>, expected: number | null) {
  const version = (await findSettingsVersions(deps.db, tables, [ask.deviceId])).get(ask.deviceId) ?? 0;
  if (expected !== null && expected !== version) return conflict(version, expected);
  const before = Object.fromEntries(
    ask.controls.map(({ setting }) => {
      const row = known.get(setting);
      return [setting, row ? { value: row.value, string: row.string, position: row.position } : null];
    }),
  );
  return { kind: 'planned' as const, wanted: wantedOf(ask), before, at: deps.now() };
}

const conflict = (version: number, expected: number | null): Answer => {
  const message = `settingsVersion is ${version} by now, and not ${expected} as expected`;
  return refused(faultAt('input.expectedSettingsVersion', 'CONFLICT', message));
};

function answerOf(outcome: Requested, { expectedVersion }: CheckedManner): Answer {
  switch (outcome.kind) {
    case 'accepted':
    case 'repeated':
      return { kind: 'taken', change: outcome.change };
    case 'otherPayload': {
      const message = 'idempotencyKey is that of another request, which asked for something else';
      return refused(faultAt('input.idempotencyKey', 'CONFLICT', message));
    }
    case 'conflict':
      return conflict(outcome.settingsVersion, expectedVersion);
    default:
      return outcome satisfies never;
  }
}

/**
 * The answer to an ask that is refused, unless it was accepted once under the same idempotency key: what has become of the Core since does
 * not undo that.
 */
async function orEarlier({ db }: SettingsDeps, request: ChangeRequest, refusal: Answer, by: Stamp): Promise<Answer> {
  const [earlier] = request.idempotencyKey ? await findByKeys(db, tables, by.actor, [request.idempotencyKey]) : [];
  return earlier !== undefined && isOfRequest(earlier, request) ? { kind: 'taken', change: earlier } : refusal;
}

/** The change as it ended, or as it is when the time is over, or the database has gone. */
async function outcomeOf({ outcomes, logger }: SettingsDeps, change: SettingsChangeRow, waitMs: number) {
  try {
    const [ended] = await outcomes.wait([change.id], waitMs);
    return ended ?? change;
  } catch (err) {
    logger.warn({ err, changeId: change.id }, 'the outcome of a settings change could not be read');
    return change;
  }
}

/** Checks controls, asks for them to be set, and waits for the outcome; for a dry run it says what would be set. */
export async function setControls(deps: SettingsDeps, ask: Ask, manner: CheckedManner): Promise<Answer> {
  const { db, metrics } = deps;
  const { expectedVersion, idempotencyKey, reason } = manner;
  const request = { subject: ask.deviceId, sent: wantedOf(ask), expectedVersion, idempotencyKey, reason };
  const by: Stamp = { at: deps.now(), actor: deps.identity.name };
  const known = await checkAsk(db, ask);
  if ('kind' in known) return manner.isDryRun ? known : orEarlier(deps, request, known, by);
  if (manner.isDryRun) return plan(deps, ask, known, expectedVersion);
  const [outcome] = await db.transaction((tx) => requestChanges(tx, tables, [request], { by }));
  if (outcome === undefined) throw new Error('a request was not answered');
  const answer = answerOf(outcome, manner);
  if (outcome.kind === 'accepted') {
    metrics.superseded(outcome.superseded.length);
    // Not waited for: while the queues are away the request is as good as ever, and the reconciler makes the jobs.
    void enqueueChanges(deps.queue, [outcome.change], deps);
  }
  if (answer.kind !== 'taken') return answer;
  return { kind: 'taken', change: await outcomeOf(deps, answer.change, manner.waitMs) };
}
