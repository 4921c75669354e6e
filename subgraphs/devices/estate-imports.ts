import { createHash, randomUUID } from 'node:crypto';
import type { Queryable } from '@wheelhouse/kit/database.ts';
import type { Path, Place } from '@wheelhouse/kit/placed-yaml.ts';
import { z } from 'zod';
import { type Basis, importEstate } from './estate.ts';
import { movedSince } from './estate-differences.ts';
import { faultOf, type ImportFault, placed, shown, textFaultsAt } from './estate-faults.ts';
import { findPlanned, type ImportDeps, openPlan } from './estate-plans.ts';
import { type ReadText, withEstateText } from './estate-text.ts';
import { RefusedError } from './registry.ts';
import type { Fault } from './registry-rules.ts';
import {
  type EstateImportRow,
  findImportByKey,
  finishImport,
  keepImport,
  removeOldImports,
} from './store/estate-imports.ts';
import type { EstateOutcome } from './tables.ts';

/** How long an import is known by its key, and a plan that was applied by its id. */
const KNOWN_MS = 24 * 3_600_000;
/** As many of the things that moved as anybody reads. */
const MAX_MOVED = 5;

const knownShape = z.object({ digest: z.string() });

export type Done = EstateOutcome & { at: Date };

export type Answer = { done: Done } | { faults: ImportFault[] };

/** Thrown out of a transaction in which nothing is to be written, with what is to be answered. */
class AnsweredError extends Error {
  readonly answer: Answer;
  constructor(answer: Answer) {
    super('the import is answered without being done');
    this.answer = answer;
  }
}

const refusedWith = (field: string, code: Fault['code'], message: string): Answer => ({
  faults: [faultOf(field, code, message)],
});
const doneBefore = ({ doneAt, outcome }: EstateImportRow): Answer | null =>
  doneAt === null || outcome === null ? null : { done: { ...outcome, at: doneAt } };

type Hooks = {
  field: string;
  before: (tx: Queryable, basis: Basis) => Promise<Answer | null>;
  after: (tx: Queryable, done: { doneAt: Date; expiresAt: Date; outcome: EstateOutcome }) => Promise<void>;
  placesOf: (paths: readonly Path[]) => Promise<Place[]>;
};

/** Writes an import, unless `before`, which is asked while no other import is under way, has another answer. */
async function write({ db, sealer, timeZone, by }: ImportDeps, content: unknown, hooks: Hooks): Promise<Answer> {
  const result: { outcome?: EstateOutcome } = {};
  try {
    await importEstate(db, content, by, {
      ...{ sealer, timeZone },
      before: async (tx, basis) => {
        const answer = await hooks.before(tx, basis);
        if (answer !== null) throw new AnsweredError(answer);
      },
      after: async (tx, outcome) => {
        await hooks.after(tx, { doneAt: by.at, expiresAt: new Date(by.at.getTime() + KNOWN_MS), outcome });
        result.outcome = outcome;
      },
    });
  } catch (err) {
    if (err instanceof AnsweredError) return err.answer;
    if (err instanceof RefusedError) return { faults: await placed(err.faults, hooks.field, hooks.placesOf) };
    throw err;
  }
  if (result.outcome === undefined) throw new Error('an import was done without an outcome');
  return { done: { ...result.outcome, at: by.at } };
}

/** Does what a plan says, if everything that it rests on is still as it was. */
export async function applyImport(deps: ImportDeps, id: string): Promise<Answer> {
  const { db, sealer, by } = deps;
  const row = await findPlanned(db, id);
  const earlier = row && doneBefore(row);
  if (earlier) return earlier;
  const plan = row && openPlan(sealer, row);
  if (row === null || plan === null)
    return refusedWith('plan', 'NOT_FOUND', 'plan is not the id of a plan, or of one that is over: plan again');
  if (row.expiresAt <= by.at)
    return refusedWith('plan', 'INVALID', `plan was valid until ${row.expiresAt.toISOString()}: plan again`);
  return write(deps, plan.content, {
    field: 'plan',
    // The text is gone by now: the path tells where to look.
    placesOf: async () => [],
    before: async (tx, basis) => {
      const held = await findPlanned(tx, id, { isToWrite: true });
      const meanwhile = held === null ? null : doneBefore(held);
      if (meanwhile !== null) return meanwhile;
      const moved = movedSince(plan.basis, basis);
      if (moved.length === 0) return null;
      const rest = moved.length > MAX_MOVED ? `, and ${moved.length - MAX_MOVED} more` : '';
      const what = `${moved.slice(0, MAX_MOVED).join(', ')}${rest}`;
      return refusedWith('plan', 'CONFLICT', `not as it was when the plan was made: ${what}. Plan again`);
    },
    after: (tx, done) => finishImport(tx, id, done),
  });
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Takes a file over at once; asked again with the same key, it answers with the first outcome. */
export async function importOnce(
  deps: ImportDeps,
  { text, idempotencyKey }: { text: string; idempotencyKey: string },
): Promise<Answer> {
  const { db, sealer, by } = deps;
  const digest = digestOf(text);
  const earlierOf = async (tx: Queryable): Promise<Answer | null> => {
    const row = await findImportByKey(tx, { sub: by.sub, idempotencyKey });
    if (row === null || row.sealed === null) return null;
    if (knownShape.parse(sealer.open(row.sealed, row.id)).digest === digest) return doneBefore(row);
    const message = 'idempotencyKey is that of another import, which had another content';
    return refusedWith('input.idempotencyKey', 'CONFLICT', message);
  };
  await removeOldImports(db, by.at);
  const earlier = await earlierOf(db);
  if (earlier !== null) return earlier;
  const field = 'input.content';
  const answer = await withEstateText(text, ({ content, placesOf }: ReadText) =>
    write(deps, content, {
      ...{ field, placesOf },
      before: earlierOf,
      after: async (tx, done) => {
        const id = randomUUID();
        const known = { idempotencyKey, sealed: sealer.seal({ digest }, id) };
        await keepImport(tx, { id, sub: by.sub, ...known, madeAt: by.at, ...done });
      },
    }),
  );
  return 'textFaults' in answer ? { faults: shown(textFaultsAt(field, answer.textFaults), field) } : answer;
}
