import type { Database } from './database.ts';
import type { Reseal } from './sealed.ts';
import {
  findSealedColumns,
  lockRotation,
  nameOf,
  readSealed,
  replaceSealed,
  type SealedColumn,
  type SealedText,
} from './sealed-store.ts';

/** Rows of one transaction: locks are held for some milliseconds, and a kill loses no more than this. */
const BATCH_ROWS = 500;
/** Services copy from each other what is sealed: a pass may meet what came in behind the one before. */
const MAX_PASSES = 10;
const NAMED_OWNERS = 20;

/** Raised when the keys can't be changed; nothing is lost by it, and it can be tried again. */
export class RotationError extends Error {
  readonly code = 'ROTATION_REFUSED';
}

/** What became of one column: how many texts were sealed anew, and how many there are. */
export type RotatedColumn = { name: string; resealed: number; texts: number };

async function* batchesOf(db: Database, column: SealedColumn): AsyncGenerator<SealedText[]> {
  for (let after: string | null = null; ; ) {
    const batch: SealedText[] = await readSealed(db, column, { after, limit: BATCH_ROWS });
    const last = batch.at(-1);
    if (last === undefined) return;
    yield batch;
    after = last.owner;
  }
}

/** `schema.table.column owner` of every text that opens with neither key, and how many there are in all. */
async function findUnopened(db: Database, columns: readonly SealedColumn[], reseal: Reseal) {
  const unopened: string[] = [];
  let texts = 0;
  for (const column of columns) {
    for await (const batch of batchesOf(db, column)) {
      texts += batch.length;
      for (const { owner, sealed } of batch) {
        try {
          reseal(sealed, owner);
        } catch {
          unopened.push(`${nameOf(column)} ${owner}`);
        }
      }
    }
  }
  return { unopened, texts };
}

/** One pass over a column. A text that somebody changes meanwhile is left to the next pass. */
async function resealColumn(db: Database, column: SealedColumn, reseal: Reseal): Promise<RotatedColumn> {
  const outcome: RotatedColumn = { name: nameOf(column), resealed: 0, texts: 0 };
  for await (const batch of batchesOf(db, column)) {
    const texts = batch.flatMap(({ owner, sealed }) => {
      const becomes = reseal(sealed, owner);
      return becomes === null ? [] : [{ owner, was: sealed, becomes }];
    });
    // One statement is one transaction: all of the batch, or nothing of it.
    if (texts.length > 0) outcome.resealed += await replaceSealed(db, column, texts);
    outcome.texts += batch.length;
  }
  return outcome;
}

/**
 * Seals anew all that the database keeps sealed. It may be ended at any moment and run again: what is done stays done, and services
 * that have both keys read all of it meanwhile. Each column stands once in the outcome.
 *
 * @param db of one connection: the lock on changing keys is that connection's
 * @throws RotationError when another one is under way; or, before anything is changed, when a text opens with neither key, naming it
 * @throws SealedColumnError
 */
export async function rotateSealed(db: Database, reseal: Reseal): Promise<RotatedColumn[]> {
  if (!(await lockRotation(db)))
    throw new RotationError('The keys of this database are being changed by another process');
  const columns = await findSealedColumns(db);
  const { unopened, texts } = await findUnopened(db, columns, reseal);
  if (unopened.length > 0) {
    const named = unopened.slice(0, NAMED_OWNERS).map((name) => `  ${name}`);
    const more = unopened.length > NAMED_OWNERS ? [`  and ${unopened.length - NAMED_OWNERS} more`] : [];
    throw new RotationError(
      [
        `${unopened.length} of ${texts} sealed secrets open with neither key, and nothing was changed:`,
        ...[...named, ...more],
        'Give these secrets again, or remove what they belong to; or name the key that they were sealed with as the previous one.',
      ].join('\n'),
    );
  }
  const total = new Map<string, RotatedColumn>();
  for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
    let changed = 0;
    for (const column of columns) {
      const { name, resealed, texts: seen } = await resealColumn(db, column, reseal);
      total.set(name, { name, resealed: resealed + (total.get(name)?.resealed ?? 0), texts: seen });
      changed += resealed;
    }
    if (changed === 0) return [...total.values()];
  }
  throw new RotationError(
    'Something goes on sealing with the previous key: a service was not started anew with the new one. Run this again after that.',
  );
}
