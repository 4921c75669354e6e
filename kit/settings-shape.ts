import type { SettingsValues } from './settings-changes.ts';
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
