import type { Queryable } from './database.ts';
import type { Logger } from './logger.ts';
import { type Fault, faultAt } from './settings-manner.ts';
import type { Outcomes } from './settings-outcomes.ts';
import {
  type ChangeRequest,
  findByKeys,
  isOfRequest,
  type Requested,
  type SettingsChangeRow,
  type SettingsTables,
} from './settings-requests.ts';

/** The settings have another version than the expected one. */
export const versionConflict = (version: number, expected: number | null | undefined): Fault =>
  faultAt(
    'input.expectedSettingsVersion',
    'CONFLICT',
    `settingsVersion is ${version} by now, and not ${expected} as expected`,
  );

/** What a caller is told of a request: the change that was made of it, now or earlier, or why none was. */
export function answerTo(
  outcome: Requested,
  expectedVersion: number | null | undefined,
): { change: SettingsChangeRow } | { fault: Fault } {
  switch (outcome.kind) {
    case 'accepted':
    case 'repeated':
      return { change: outcome.change };
    case 'otherPayload': {
      const message = 'idempotencyKey is that of another request, which asked for something else';
      return { fault: faultAt('input.idempotencyKey', 'CONFLICT', message) };
    }
    case 'conflict':
      return { fault: versionConflict(outcome.settingsVersion, expectedVersion) };
    default:
      return outcome satisfies never;
  }
}

/**
 * The changes, by subject, that an actor's requests made when they were sent before under the same idempotency keys. What has become of a
 * subject since does not undo that: they are the answers even where the requests would be refused by now.
 */
export async function findRepeated(
  db: Queryable,
  tables: SettingsTables,
  actor: string,
  requests: readonly ChangeRequest[],
): Promise<Map<string, SettingsChangeRow>> {
  const keys = requests.flatMap(({ idempotencyKey }) => idempotencyKey ?? []);
  const byKey = new Map((await findByKeys(db, tables, actor, keys)).map((row) => [row.idempotencyKey, row]));
  return new Map(
    requests.flatMap((request): [string, SettingsChangeRow][] => {
      const earlier = request.idempotencyKey ? byKey.get(request.idempotencyKey) : undefined;
      return earlier !== undefined && isOfRequest(earlier, request) ? [[request.subject, earlier]] : [];
    }),
  );
}

/**
 * What came of changes that were accepted, by their ids; none where the database has gone since: who asked is told that the change was
 * accepted, and which one it is.
 */
export async function outcomesOf(
  { outcomes, logger }: { outcomes: Outcomes; logger: Logger },
  ids: readonly string[],
  waitMs: number,
): Promise<Map<string, SettingsChangeRow>> {
  if (ids.length === 0) return new Map();
  try {
    return new Map((await outcomes.wait(ids, waitMs)).map((change) => [change.id, change]));
  } catch (err) {
    logger.warn({ err, changes: ids.length }, 'the outcomes of settings changes could not be read');
    return new Map();
  }
}
