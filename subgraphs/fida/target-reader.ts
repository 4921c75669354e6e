import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { targetOf } from './rules.ts';
import type { SnmpTarget } from './snmp.ts';
import type { TargetRow } from './store.ts';

const secretsShape = z.record(z.string(), z.unknown());

/** Far more displays than one worker looks at in a minute; about half a kilobyte each. */
const REMEMBERED_TARGETS = 100_000;

/**
 * Turns rows into targets, and opens a secret once for as long as its row stays the same, since opening costs a fair part of a look.
 * No text is sealed twice alike, so another registry's row of the same version is not taken for this one. A row without secrets is
 * read each time.
 *
 * @returns a function that throws ZodError for an entry that a newer registry wrote, and Error for a secret that does not open
 */
export function createTargetReader(sealer: Sealer): (row: TargetRow) => SnmpTarget {
  const known = new LRUCache<string, { version: number; sealed: string; target: SnmpTarget }>({
    max: REMEMBERED_TARGETS,
  });
  return ({ deviceId, version, sealed, connection }) => {
    if (sealed === null) return targetOf(connection, {});
    const before = known.get(deviceId);
    if (before?.sealed === sealed && before.version === version) return before.target;
    const target = targetOf(connection, secretsShape.parse(sealer.open(sealed, deviceId)));
    known.set(deviceId, { version, sealed, target });
    return target;
  };
}
