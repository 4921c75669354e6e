import { AUDIT_CURSORS } from '@wheelhouse/contracts/audit.ts';
import { openService } from '@wheelhouse/kit/open-service.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { readHistoryConfig } from './config.ts';
import { createContext, type Shared } from './context.ts';
import { createExportDoor } from './export/door.ts';
import { EXPORT_PATH } from './export/params.ts';
import { openArchive } from './poller.ts';
import { resolvers } from './resolvers.ts';
import { openSettingsLogs } from './settings-logs.ts';
import { refreshReporting } from './store/reporting.ts';
import { findSampledServices } from './store/services.ts';
import { findSettingsSources } from './store/settings-sources.ts';
import { auditOutbox } from './tables.ts';

const name = 'history';
const now = (): Date => new Date();

/**
 * The router has given up long before, an export is given up at its first row: a question about years of an estate must not go on for
 * nobody, and hold a connection of ten that all questions share.
 */
const STATEMENT_TIMEOUT_MS = 60_000;

async function open(host: ServiceHost, role: 'SERVER' | 'WORKER', limits: Parameters<typeof openService>[4] = {}) {
  const config = readHistoryConfig(host.env);
  return {
    config,
    ...(await openService(name, role, config, host, {
      ...limits,
      audit: { outbox: auditOutbox, cursors: AUDIT_CURSORS },
    })),
  };
}

export const service: Service = {
  name,
  async startServer(host) {
    const limits = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
    const { db, sql: client, logs, logger, serving, refusals } = await open(host, 'SERVER', limits);
    const settingsSources = await findSettingsSources(db);
    const sampledServices = await findSampledServices(db);
    // Opened before the doors and so closed after them: a stream must not look as if its change had come to its end.
    const settingsLogs = host.stops.own(
      'logs of settings changes',
      await openSettingsLogs({ db, logs, sources: settingsSources, logger }),
      ({ close }) => close(),
    );
    const shared: Shared = { db, settingsSources, settingsLogs: settingsLogs.bySource, sampledServices, now };
    return startSubgraphServer({
      ...serving,
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(shared, identity),
      routes: {
        [EXPORT_PATH]: createExportDoor({ db, client, logger, now, refusals, identityReader: serving.identityReader }),
      },
    });
  },
  async startWorker(host) {
    const { db, logger, openQueues } = await open(host, 'WORKER');
    await refreshReporting(db);
    const queues = openQueues();
    const aborter = new AbortController();
    await openArchive({ db, queues, logger, now, signal: aborter.signal });
    host.stops.ownWork('archive', aborter);
  },
};

if (import.meta.main) await runService(service);
