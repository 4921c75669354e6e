import { randomUUID } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Stamp } from '@wheelhouse/kit/actor.ts';
import type { Database, Queryable } from '@wheelhouse/kit/database.ts';
import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { PLAN_VALID_MS } from '@wheelhouse/kit/settings-plan.ts';
import { z } from 'zod';
import { lookAtEstate, type Outlook } from './estate.ts';
import { type Difference, differencesOf } from './estate-differences.ts';
import { type ImportFault, placed, shown, textFaultsAt } from './estate-faults.ts';
import { withEstateText } from './estate-text.ts';
import { type EstateImportRow, findImport, keepImport, removeOldImports } from './store/estate-imports.ts';
import { findExternalIds } from './store/registry.ts';

export type PlacedDifference = Difference & { line: number };

const differenceShape: z.ZodType<PlacedDifference> = z.object({
  kind: z.enum(['DEVICE_ADDED', 'DEVICE_CHANGED', 'SITE_CHANGED']),
  externalId: z.string().nullable(),
  deviceId: z.string().nullable(),
  name: z.string().nullable(),
  site: z.string(),
  fields: z.array(z.object({ field: z.string(), before: z.unknown(), after: z.unknown(), isSecret: z.boolean() })),
  path: z.array(z.union([z.string(), z.number()])),
  line: z.number(),
});
const planShape = z.object({
  content: z.unknown(),
  basis: z.record(z.string(), z.string().nullable()),
  differences: z.array(differenceShape),
  unchanged: z.number(),
});

export type EstatePlan = {
  /** Null where something is refused. */
  id: string | null;
  madeAt: Date;
  expiresAt: Date;
  unchanged: number;
  differences: PlacedDifference[];
};

export type ImportDeps = {
  db: Database;
  sealer: Sealer;
  timeZone: string;
  /** Who asks, and when; `sub` is that of their identity. */
  by: Stamp & { sub: string };
};

/** Estates say the same again and again: packed, a thousand devices of 180 KB are 20 KB. */
const pack = (value: unknown): string => deflateRawSync(JSON.stringify(value)).toString('base64');
const unpack = (packed: unknown): unknown =>
  JSON.parse(inflateRawSync(Buffer.from(String(packed), 'base64')).toString());

async function namesOfParents(db: Queryable, { steps }: Outlook): Promise<Map<string, string | null>> {
  const ids = steps.flatMap(({ before, after }) =>
    after === null ? [] : [...(before?.parentIds ?? []), ...after.parentIds],
  );
  return findExternalIds(db, [...new Set(ids)]);
}

/** What an import would do: the registry is not touched. Where nothing is refused, the plan is kept, sealed, so that it can be applied. */
export async function planImport(
  { db, sealer, by }: ImportDeps,
  text: string,
): Promise<{ plan: EstatePlan | null; faults: ImportFault[] }> {
  const field = 'content';
  const planned = await withEstateText(text, async ({ content, placesOf }) => {
    const looked = await lookAtEstate(db, content, { at: by.at, sealer });
    const faults = await placed(looked.faults, field, placesOf);
    if (looked.read === null) return { plan: null, faults };
    const { read, outlook } = looked;
    const differences = differencesOf(read, outlook, { externalIds: await namesOfParents(db, outlook), sealer });
    const places = await placesOf(differences.map(({ path }) => path));
    const lined = differences.map((difference, index) => ({ ...difference, line: places[index]?.line ?? 1 }));
    const expiresAt = new Date(by.at.getTime() + PLAN_VALID_MS);
    const plan = { madeAt: by.at, expiresAt, unchanged: outlook.unchanged, differences: lined };
    if (faults.length > 0) return { plan: { id: null, ...plan }, faults };
    const id = randomUUID();
    const { basis, unchanged } = outlook;
    const sealed = sealer.seal(pack({ content, basis, differences: lined, unchanged }), id);
    await removeOldImports(db, by.at);
    await keepImport(db, {
      ...{ id, sub: by.sub, idempotencyKey: null, sealed },
      ...{ madeAt: by.at, expiresAt, doneAt: null, outcome: null },
    });
    return { plan: { id, ...plan }, faults };
  });
  return 'textFaults' in planned
    ? { plan: null, faults: shown(textFaultsAt(field, planned.textFaults), field) }
    : planned;
}

/** An import that began with a plan, by the plan's id. */
export async function findPlanned(
  db: Queryable,
  id: string,
  options: { isToWrite: boolean } = { isToWrite: false },
): Promise<EstateImportRow | null> {
  const row = await findImport(db, id, options);
  return row?.idempotencyKey === null ? row : null;
}

/** What a plan was sealed with; null for one that was applied. */
export const openPlan = (sealer: Sealer, { id, sealed }: EstateImportRow) =>
  sealed === null ? null : planShape.parse(unpack(sealer.open(sealed, id)));

/** A plan that can still be applied; null for any other id. */
export async function readPlan({ db, sealer, by }: ImportDeps, id: string): Promise<EstatePlan | null> {
  const row = await findPlanned(db, id);
  if (row === null || row.doneAt !== null || row.expiresAt <= by.at) return null;
  const plan = openPlan(sealer, row);
  const { madeAt, expiresAt } = row;
  return plan && { id, madeAt, expiresAt, unchanged: plan.unchanged, differences: plan.differences };
}

/** How many devices the differences of a plan add and change, and at how many sites. */
export const countDifferences = (differences: readonly Difference[]) => ({
  added: differences.filter(({ kind }) => kind === 'DEVICE_ADDED').length,
  changed: differences.filter(({ kind }) => kind === 'DEVICE_CHANGED').length,
  sitesChanged: differences.filter(({ kind }) => kind === 'SITE_CHANGED').length,
});
