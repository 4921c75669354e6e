import { AUDIT_CURSORS } from '@wheelhouse/contracts/audit.ts';
import { ConfigError } from '@wheelhouse/kit/config.ts';
import { createIdentityReader } from '@wheelhouse/kit/identity.ts';
import { openLiveLog } from '@wheelhouse/kit/live-log.ts';
import { logChannel, readLogHead } from '@wheelhouse/kit/log-table.ts';
import { openService } from '@wheelhouse/kit/open-service.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { readAccountsConfig } from './config.ts';
import { createContext, type Shared } from './context.ts';
import { accountsDoors } from './doors.ts';
import { ensureFirstAdmin, FIRST_ADMIN_EMAIL, resetFirstAdmin } from './first-admin.ts';
import { createMetrics } from './metrics.ts';
import { openPasswords } from './passwords.ts';
import { openUpkeep } from './poller.ts';
import { refusalsOfAccounts } from './refusal.ts';
import { resolvers } from './resolvers.ts';
import { openSessionCache, uncached } from './session-cache.ts';
import { createTokenSigner, rotateSigningKeys } from './signing.ts';
import { readRevocations } from './store/access-log.ts';
import { readSessionUser } from './store/session-users.ts';
import { accessLog, auditOutbox } from './tables.ts';

const name = 'accounts';
const now = (): Date => new Date();

async function open(host: ServiceHost, role: 'SERVER' | 'WORKER') {
  const config = readAccountsConfig(host.env);
  return {
    config,
    sealer: createSealer(config.WHEELHOUSE_SECRET_KEY),
    ...(await openService(name, role, config, host, { audit: { outbox: auditOutbox, cursors: AUDIT_CURSORS } })),
  };
}

export const service: Service = {
  name,
  async startServer(host) {
    const { stops } = host;
    const { config, sealer, db, logs, logger, serving, refusals } = await open(host, 'SERVER');
    const metrics = createMetrics(host.metrics);
    const onWait = (waiting: number): void => metrics.passwordsWaiting.set(waiting);
    const passwords = stops.own('passwords', openPasswords({ onWait }), ({ close }) => close());
    const { WHEELHOUSE_ADMIN_PASSWORD: wanted, WHEELHOUSE_ADMIN_RESET: isReset } = config;
    if (isReset && wanted === undefined)
      throw new ConfigError('These settings are wrong:\n  WHEELHOUSE_ADMIN_RESET: needs WHEELHOUSE_ADMIN_PASSWORD');
    if (isReset && wanted && (await resetFirstAdmin({ db, passwords, password: wanted, now: now() })))
      logger.warn(
        'the first admin was given the password of the settings and all rights, and their sessions were ended',
      );
    const drawn = await ensureFirstAdmin({
      db,
      passwords,
      password: wanted ?? null,
      now: now(),
    });
    // Nobody could sign in otherwise: it is told this once, and kept nowhere.
    if (drawn !== null) logger.warn(`the first admin was made: ${FIRST_ADMIN_EMAIL}, password ${drawn}`);
    // A worker may not have run yet, and there must be a key to sign with.
    await rotateSigningKeys(db, sealer, now());
    const signer = createTokenSigner({ db, sealer, lifeSeconds: config.WHEELHOUSE_TOKEN_SECONDS, now });
    const read = (sessionId: string) => readSessionUser(db, sessionId, now());
    const redisUrl = config.REDIS_URL;
    const sessionCache = stops.own(
      'session cache',
      redisUrl === undefined ? uncached(read) : openSessionCache({ redisUrl, read, logger }),
      ({ close }) => close(),
    );
    const access = await openLiveLog({
      ...{ name: logChannel(accessLog), watch: logs.of(accessLog), logger },
      read: (position, limit) => readRevocations(db, position, limit),
      head: () => readLogHead(db, accessLog),
    });
    const shared: Shared = {
      ...{ db, passwords, signer, sessionCache, metrics, logger, now },
      registration: config.WHEELHOUSE_REGISTRATION,
      sessionDays: config.WHEELHOUSE_SESSION_DAYS,
    };
    const server = await startSubgraphServer({
      ...serving,
      refusals: { note: refusals.note, ...refusalsOfAccounts },
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(shared, identity),
      identityReader: createIdentityReader(config.WHEELHOUSE_SERVICE_TOKEN, name, now),
      routes: accountsDoors({ ...shared, access, refusals, serviceToken: config.WHEELHOUSE_SERVICE_TOKEN }),
    });
    // Closed before the doors, so that who waits for a row lets go of its connection.
    stops.own('access log', access, ({ close }) => close());
    return server;
  },
  async startWorker(host) {
    const { sealer, db, logger, openQueues } = await open(host, 'WORKER');
    await openUpkeep({ db, sealer, queues: openQueues(), logger, now });
  },
};

if (import.meta.main) await runService(service);
