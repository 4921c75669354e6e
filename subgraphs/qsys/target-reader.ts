import type { Sealer } from '@wheelhouse/kit/sealed.ts';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { CoreTarget } from './qrc.ts';
import { targetOf } from './rules.ts';
import type { TargetRow } from './store.ts';

const secretsShape = z.record(z.string(), z.unknown());

/** Far more Cores than one worker looks after; about half a kilobyte each. */
const REMEMBERED_TARGETS = 10_000;

/**
 * Turns rows into targets, and opens a secret once for as long as its row stays the same.
 *
 * @returns a function that throws ZodError for an entry that a newer registry wrote, and Error for a secret that does not open
 */
export function createTargetReader(sealer: Sealer): (row: TargetRow) => CoreTarget {
  const known = new LRUCache<string, { version: number; sealed: string; target: CoreTarget }>({
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
