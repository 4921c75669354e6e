import { ROLES, SCOPES_OF } from '@wheelhouse/contracts/access.ts';
import type { Grant } from '@wheelhouse/kit/identity.ts';
import { z } from 'zod';

/** At most so many operations in so many seconds that select a root field of this name. */
export type FieldRate = { field: string; points: number; seconds: number };

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text && text !== 'null';

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** Origins of pages, as browsers write them (RFC 6454 §6.1): `https://console.example,http://localhost:5173`. */
export const readOrigins = (text: string, ctx: z.RefinementCtx): string[] => {
  const origins = listOf(text);
  for (const origin of origins.filter((each) => !isOrigin(each))) {
    ctx.addIssue(`must be origins such as https://console.example, without a path and never *; not "${origin}"`);
  }
  return origins;
};

/** `login=20/60,register=10/3600`: so many operations that select the root field, in so many seconds. */
export const readFieldRates = (text: string, ctx: z.RefinementCtx): FieldRate[] =>
  listOf(text).flatMap((part) => {
    const [, field, points, seconds] = /^([_A-Za-z]\w*)=(\d{1,9})\/(\d{1,6})$/.exec(part) ?? [];
    if (field === undefined || Number(points) < 1 || Number(seconds) < 1) {
      ctx.addIssue(`must be FIELD=OPERATIONS/SECONDS, as in login=20/60, not "${part}"`);
      return [];
    }
    return [{ field, points: Number(points), seconds: Number(seconds) }];
  });

/** What somebody of a role may do, everywhere. */
export const grantsOfRole = z
  .enum(['NONE', ...ROLES])
  .default('NONE')
  .transform((role): Grant[] => (role === 'NONE' ? [] : [{ scopes: [...SCOPES_OF[role]], site: null }]));
