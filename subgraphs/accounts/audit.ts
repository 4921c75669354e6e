import type { Database } from '@wheelhouse/kit/database.ts';
import type { Logger } from '@wheelhouse/kit/logger.ts';
import { findAhead, findAuditedServices, gatherOutbox } from './store/audit.ts';

const BATCH_ROWS = 1_000;
/** Enough for an estate file of tens of thousands; what is left comes with the next round. */
const MAX_BATCHES = 100;

/** Takes over what all services have put into their outboxes. Any number of processes may do it at once. @returns how many rows were new */
export async function gatherAudit(db: Database, logger: Logger): Promise<number> {
  let gathered = 0;
  const services = await findAuditedServices(db);
  // Where it can't be told of all together, each is asked.
  for (const service of await findAhead(db, services).catch(() => services)) {
    try {
      for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
        const rows = await gatherOutbox(db, service, BATCH_ROWS);
        gathered += rows;
        if (rows < BATCH_ROWS) break;
      }
    } catch (err) {
      // What one service has wrong is no reason to lose the others' rows.
      logger.error({ err, audited: service }, 'the audit outbox of a service could not be read');
    }
  }
  return gathered;
}
