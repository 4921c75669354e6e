import { decodeKey, encodeKey, pageOf, pageSize } from '@wheelhouse/kit/connection.ts';
import { callerError } from '@wheelhouse/kit/errors.ts';
import { type Area, isInArea, isWithin } from '@wheelhouse/kit/identity.ts';
import { gatherAudit } from '../audit.ts';
import { requireArea } from '../callers.ts';
import type { AuditRecordResolvers, QueryResolvers } from '../generated/types.ts';
import { type AuditPlace, type AuditRow, listAuditRecords } from '../store/audit.ts';

const cursorOf = ({ at, position }: AuditRow): string => encodeKey([at.toISOString(), String(position)]);

/** @throws CURSOR_INVALID */
function placeOf(after: string | null | undefined): AuditPlace | null {
  const [at, position] = decodeKey(after, 2) ?? [];
  if (at === undefined || position === undefined) return null;
  if (Number.isNaN(Date.parse(at)) || !/^\d{1,15}$/.test(position))
    throw callerError('CURSOR_INVALID', 'after is not a cursor of this list', 'after');
  return { at: new Date(at), position: Number(position) };
}

/** The sites that are asked for, as far as the caller may see them; null: all, also what has no site. */
function sitesFor(area: Area, site: string | null | undefined): readonly string[] | null {
  if (!site) return area === 'everywhere' ? null : area;
  if (isInArea(area, site)) return [site];
  return area === 'everywhere' ? [site] : area.filter((other) => isWithin(other, site));
}

export const auditRecordType: AuditRecordResolvers = { id: ({ position }) => String(position) };

export const auditQueries: QueryResolvers = {
  auditLog: async (_parent, { filter, first, after }, context) => {
    const area = requireArea(context, 'audit:read');
    const size = pageSize(first);
    // What was done before it is asked for is there, also while no worker runs.
    await gatherAudit(context.db, context.logger);
    const rows = await listAuditRecords(context.db, {
      ...{ actor: filter?.actor ?? null, action: filter?.action ?? null, target: filter?.target ?? null },
      isRefused: filter?.refused ?? null,
      ...{ from: filter?.from ?? null, to: filter?.to ?? null, sites: sitesFor(area, filter?.site) },
      ...{ after: placeOf(after), limit: size + 1 },
    });
    return pageOf(rows, size, cursorOf);
  },
};
