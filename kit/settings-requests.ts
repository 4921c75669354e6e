import { createHash, randomUUID } from 'node:crypto';
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Stamp } from './actor.ts';
import { isAmong, type Queryable } from './database.ts';
import { appendToLog } from './log-table.ts';
import type {
  SettingsChangeState,
  SettingsValues,
  settingsChangeEventsTable,
  settingsChangesTable,
  settingsVersionsTable,
} from './settings-changes.ts';

/** The tables of one service's changes of settings. */
export type SettingsTables = {
  changes: ReturnType<typeof settingsChangesTable>;
  events: ReturnType<typeof settingsChangeEventsTable>;
  versions: ReturnType<typeof settingsVersionsTable>;
};
export type SettingsChangeRow = SettingsTables['changes']['$inferSelect'];

/** A change that someone asks for. What the subject's rules say of the values was checked before. */
export type ChangeRequest = {
  subject: string;
  /** Values that are sent to the subject and read back. */
  sent: SettingsValues;
  /** What the caller asked for, where `sent` follows from it by what is known of the subject: by this the same request is told. */
  asked?: unknown;
  /** Values that we keep ourselves, and what they were. They are stored with the request, by `storeKept`. */
  kept?: { wanted: SettingsValues; before: SettingsValues };
  /** What the caller takes the subject's values for. */
  expected?: SettingsValues | null;
  /** Refuses the change unless the subject's settings have this version. */
  expectedVersion?: number | null;
  idempotencyKey?: string | null;
  reason?: string | null;
  /** The change that this one takes back. */
  undoes?: string | null;
};

/** What came of a request. */
export type Requested =
  /** `superseded`: changes that ended by it, since none of them was begun. */
  | { kind: 'accepted'; change: SettingsChangeRow; superseded: string[] }
  /** The same request was made before under this idempotency key. */
  | { kind: 'repeated'; change: SettingsChangeRow }
  /** Another request was made under this idempotency key. */
  | { kind: 'otherPayload' }
  /** The settings have another version than the expected one. */
  | { kind: 'conflict'; settingsVersion: number };

export type Accepted = { request: ChangeRequest; change: SettingsChangeRow };

/** JSON with the names in one order, so that equal values have equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );

const hashOf = ({ subject, sent, asked, kept, expected, expectedVersion, reason, undoes }: ChangeRequest): string => {
  const payload = [
    subject,
    asked ?? sent,
    kept?.wanted ?? {},
    expected ?? {},
    expectedVersion ?? null,
    reason ?? null,
    undoes ?? null,
  ];
  return createHash('sha256').update(canonical(payload)).digest('base64url');
};

/** Whether a change was made by this very request. */
export const isOfRequest = (change: SettingsChangeRow, request: ChangeRequest): boolean =>
  change.payloadHash !== null && change.payloadHash === hashOf(request);

/** Locks the subjects' versions, in the order of their ids: two transactions that need the same ones can't lock each other out. */
async function lockVersions(
  tx: Queryable,
  { versions }: SettingsTables,
  subjects: string[],
): Promise<Map<string, number>> {
  const sorted = subjects.toSorted();
  await tx.execute(sql`
    insert into ${versions} (subject, version)
    select subject, 0 from unnest(${sql.param(sorted)}::text[]) as wanted (subject) order by subject on conflict do nothing`);
  const rows = await tx
    .select()
    .from(versions)
    .where(isAmong(versions.subject, sorted))
    .orderBy(asc(versions.subject))
    .for('update');
  return new Map(rows.map(({ subject, version }) => [subject, version]));
}

/** The changes of one actor under these idempotency keys. */
export function findByKeys(
  db: Queryable,
  { changes }: SettingsTables,
  actor: string,
  keys: readonly string[],
): Promise<SettingsChangeRow[]> {
  if (keys.length === 0) return Promise.resolve([]);
  return db
    .select()
    .from(changes)
    .where(and(eq(changes.actor, actor), isAmong(changes.idempotencyKey, keys)));
}

function newRow(request: ChangeRequest, settingsVersion: number, { at, actor }: Stamp): SettingsChangeRow {
  const { subject, sent, kept, expected, idempotencyKey, reason, undoes } = request;
  const isStored = Object.keys(sent).length === 0;
  return {
    ...{ id: randomUUID(), subject, settingsVersion, actor, requestedAt: at },
    wanted: { ...kept?.wanted, ...sent },
    state: isStored ? 'APPLIED' : 'PENDING',
    expected: expected ?? null,
    before: kept?.before ?? null,
    readBack: isStored ? (kept?.wanted ?? null) : null,
    ...{ code: null, detail: null, sentAt: null, leaseUntil: null, leaseToken: null, attempts: 0 },
    reason: reason ?? null,
    idempotencyKey: idempotencyKey ?? null,
    payloadHash: idempotencyKey ? hashOf(request) : null,
    undoes: undoes ?? null,
    finishedAt: isStored ? at : null,
  };
}

/** Ends the changes that were not begun and ask for nothing but what the fresh ones ask for. */
async function supersede(
  tx: Queryable,
  { changes }: SettingsTables,
  fresh: readonly SettingsChangeRow[],
  at: Date,
): Promise<{ id: string; subject: string; by: string }[]> {
  const rows = fresh.map(({ id, subject, settingsVersion, wanted }) => ({
    ...{ by: id, subject, version: settingsVersion },
    names: Object.keys(wanted),
  }));
  return tx.execute<{ id: string; subject: string; by: string }>(sql`
    update ${changes} as held set state = 'SUPERSEDED', code = 'SUPERSEDED', finished_at = ${at.toISOString()}::timestamptz,
      detail = 'the change ' || fresh.by || ' asked for the same settings before this one was begun'
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as fresh (by text, subject text, version int, names jsonb)
    where held.subject = fresh.subject and held.settings_version < fresh.version and held.state = 'PENDING'
      and (select bool_and(fresh.names ? name) from jsonb_object_keys(held.wanted) as name)
    returning held.id, held.subject, fresh.by`);
}

/** A row of the log of states, for appendToLog. */
export const eventOf = (change: { id: string; subject: string }, state: SettingsChangeState, at: Date) => ({
  ...{ change_id: change.id, subject: change.subject, state, at },
});

/**
 * Takes requests, at most one for a subject, with a number of statements that does not depend on how many there are. It must be the
 * end of its transaction, since it ends with the append to the log.
 *
 * @param options.storeKept stores the values that we keep ourselves, for those that were accepted, in the same transaction
 * @returns what came of each, in the order of the requests
 */
export async function requestChanges(
  tx: Queryable,
  tables: SettingsTables,
  requests: readonly ChangeRequest[],
  options: { by: Stamp; storeKept?: (tx: Queryable, accepted: readonly Accepted[]) => Promise<void> },
): Promise<Requested[]> {
  const { by } = options;
  const subjects = requests.map(({ subject }) => subject);
  if (new Set(subjects).size !== subjects.length) throw new Error('A subject may be asked for once only in one call');
  const versions = await lockVersions(tx, tables, subjects);
  const keys = requests.flatMap(({ idempotencyKey }) => idempotencyKey ?? []);
  const known = new Map((await findByKeys(tx, tables, by.actor, keys)).map((row) => [row.idempotencyKey, row]));

  const drafts = requests.map((request): Requested | { kind: 'draft'; row: SettingsChangeRow } => {
    const earlier = request.idempotencyKey ? known.get(request.idempotencyKey) : undefined;
    if (earlier !== undefined)
      return isOfRequest(earlier, request) ? { kind: 'repeated', change: earlier } : { kind: 'otherPayload' };
    const version = versions.get(request.subject) ?? 0;
    const { expectedVersion } = request;
    if (typeof expectedVersion === 'number' && expectedVersion !== version)
      return { kind: 'conflict', settingsVersion: version };
    return { kind: 'draft', row: newRow(request, version + 1, by) };
  });
  const rows = drafts.flatMap((draft) => (draft.kind === 'draft' ? [draft.row] : []));
  if (rows.length === 0) return drafts.filter((draft) => draft.kind !== 'draft');

  // Another subject's request may have taken the key since it was looked for.
  const { changes, versions: held } = tables;
  const inserted = await tx
    .insert(changes)
    .values(rows)
    .onConflictDoNothing({ target: [changes.actor, changes.idempotencyKey] })
    .returning();
  const freshById = new Map(inserted.map((row) => [row.id, row]));
  const freshSubjects = inserted.map(({ subject }) => subject);
  await tx
    .update(held)
    .set({ version: sql`${held.version} + 1` })
    .where(isAmong(held.subject, freshSubjects));
  const ended = await supersede(tx, tables, inserted, by.at);
  const outcomes = drafts.map((draft): Requested => {
    if (draft.kind !== 'draft') return draft;
    const change = freshById.get(draft.row.id);
    if (change === undefined) return { kind: 'otherPayload' };
    return { kind: 'accepted', change, superseded: ended.filter((row) => row.by === change.id).map(({ id }) => id) };
  });
  await options.storeKept?.(
    tx,
    requests.flatMap((request, index) => {
      const outcome = outcomes[index];
      return outcome?.kind === 'accepted' ? [{ request, change: outcome.change }] : [];
    }),
  );
  await appendToLog(tx, tables.events, [
    ...ended.map((row) => eventOf(row, 'SUPERSEDED', by.at)),
    ...inserted.map((row) => eventOf(row, row.state, by.at)),
  ]);
  return outcomes;
}
