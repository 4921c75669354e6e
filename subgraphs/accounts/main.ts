import { openDatabase, waitForDatabase } from '@wheelhouse/kit/database.ts';
import { anonymousFrom, createIdentityReader } from '@wheelhouse/kit/identity.ts';
import { openLiveLog } from '@wheelhouse/kit/live-log.ts';
import { logChannel, readLogHead } from '@wheelhouse/kit/log-table.ts';
import { openQueues } from '@wheelhouse/kit/queue.ts';
import { readSubgraphSdl } from '@wheelhouse/kit/sdl.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { runService, type Service, type ServiceHost } from '@wheelhouse/kit/service.ts';
import { startSubgraphServer } from '@wheelhouse/kit/subgraph-server.ts';
import { sql } from 'drizzle-orm';
import { readAccountsConfig } from './config.ts';
import { createContext, type Shared } from './context.ts';
import { accountsDoors } from './doors.ts';
import { ensureFirstAdmin, FIRST_ADMIN_EMAIL } from './first-admin.ts';
import { createMetrics } from './metrics.ts';
import { openPasswords } from './passwords.ts';
import { openUpkeep } from './poller.ts';
import { resolvers } from './resolvers.ts';
import { openSessionCache, uncached } from './session-cache.ts';
import { createTokenSigner, rotateSigningKeys } from './signing.ts';
import { readRevocations } from './store/access-log.ts';
import { readSessionUser } from './store/session-users.ts';
import { accessLog } from './tables.ts';

const name = 'accounts';
const now = (): Date => new Date();

async function open({ env, logger, stops, metrics }: ServiceHost) {
  const config = readAccountsConfig(env);
  await waitForDatabase(config.DATABASE_URL, logger);
  const database = stops.own(
    'database',
    openDatabase(config.DATABASE_URL, { metrics: { registry: metrics, service: name } }),
    ({ close }) => close(),
  );
  return { config, sealer: createSealer(config.WHEELHOUSE_SECRET_KEY), ...database };
}

export const service: Service = {
  name,
  async startServer(host) {
    const logger = host.logger.child({ service: name });
    const { stops } = host;
    const { config, sealer, db, sql: connection } = await open({ ...host, logger });
    const metrics = createMetrics(host.metrics);
    const passwords = openPasswords({ onWait: (waiting) => metrics.passwordsWaiting.set(waiting) });
    const drawn = await ensureFirstAdmin({
      db,
      passwords,
      password: config.WHEELHOUSE_ADMIN_PASSWORD ?? null,
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
      ...{ sql: connection, channel: logChannel(accessLog), logger },
      read: (position, limit) => readRevocations(db, position, limit),
      head: () => readLogHead(db, accessLog),
    });
    const shared: Shared = {
      ...{ db, passwords, signer, sessionCache, metrics, logger, now },
      registration: config.WHEELHOUSE_REGISTRATION,
      sessionDays: config.WHEELHOUSE_SESSION_DAYS,
    };
    const server = await startSubgraphServer({
      sdl: await readSubgraphSdl(new URL('./', import.meta.url)),
      resolvers,
      contextOf: (identity) => createContext(shared, identity ?? anonymousFrom(null)),
      identityReader: createIdentityReader(config.WHEELHOUSE_SERVICE_TOKEN, name, now),
      host: config.HOST,
      port: config.PORT,
      routes: accountsDoors({ ...shared, access, serviceToken: config.WHEELHOUSE_SERVICE_TOKEN }),
      unready: () =>
        db.execute(sql`select 1`).then(
          () => null,
          () => 'the database is away',
        ),
      metrics: host.metrics,
      logger,
      stops,
    });
    // Closed before the doors, so that who waits for a row lets go of its connection.
    stops.own('access log', access, ({ close }) => close());
    return server;
  },
  async startWorker(host) {
    const logger = host.logger.child({ service: name });
    const { config, sealer, db } = await open({ ...host, logger });
    const queues = openQueues({
      databaseUrl: config.DATABASE_URL,
      redisUrl: config.REDIS_URL,
      logger,
      stops: host.stops,
    });
    await openUpkeep({ db, sealer, queues, logger, now });
  },
};

if (import.meta.main) await runService(service);
