import { ANONYMOUS } from './actor.ts';
import type { SettingsValues } from './settings-changes.ts';
import type { Plan } from './settings-plan.ts';
import type { SettingsChangeRow } from './settings-requests.ts';

/** What stands behind the GraphQL type SettingsChange. */
export type SettingsChangeShape = {
  id: string;
  state: Exclude<SettingsChangeRow['state'], 'SENDING'> | 'PLANNED';
  wanted: SettingsValues;
  before: SettingsValues | null;
  readBack: SettingsValues | null;
  code: string | null;
  detail: string | null;
  at: Date;
  finishedAt: Date | null;
  requestedBy: string;
  reason: string | null;
  settingsVersion: number | null;
  undoes: string | null;
};

/** A change as callers see it: one that is being sent is PENDING to them. */
export function settingsChangeShape(row: SettingsChangeRow): SettingsChangeShape {
  const { id, state, wanted, before, readBack, code, detail, finishedAt, reason, settingsVersion, undoes } = row;
  return {
    ...{ id, wanted, before, readBack, code, detail, finishedAt, reason, settingsVersion, undoes },
    state: state === 'SENDING' ? 'PENDING' : state,
    at: row.requestedAt,
    requestedBy: row.actor,
  };
}

/** What stands behind the GraphQL type SettingsPlan. */
export type SettingsPlanShape = {
  id: string;
  expiresAt: Date;
  changes: { setting: string; before: unknown; after: unknown }[];
  effects: string[];
};

/** A dry run, before it goes out. */
export type Planned = {
  id: string;
  expiresAt: Date;
  madeAt: Date;
  plan: Omit<Plan, 'nonce' | 'expiresAtMs'>;
  /** What would follow, for people. */
  effects: string[];
};

/** A dry run as callers see it: the change that would be made, and what it would do. */
export function plannedShapes(planned: Planned): { settingsChange: SettingsChangeShape; plan: SettingsPlanShape } {
  const { id, expiresAt, effects } = planned;
  const { sent, kept, before, reason, undoes } = planned.plan;
  const wanted = { ...kept, ...sent };
  const unknown = { readBack: null, code: null, detail: null, finishedAt: null, settingsVersion: null };
  const named = { id, state: 'PLANNED' as const, wanted, before, reason, undoes };
  const changes = Object.entries(wanted).map(([setting, after]) => ({
    setting,
    before: before[setting] ?? null,
    after,
  }));
  return {
    settingsChange: { ...named, ...unknown, at: planned.madeAt, requestedBy: ANONYMOUS },
    plan: { id, expiresAt, changes, effects },
  };
}
