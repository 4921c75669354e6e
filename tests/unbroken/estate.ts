import { encodeCursor } from '@wheelhouse/kit/cursor-log.ts';
import { startDisplays } from '@wheelhouse/simulators/displays/start-displays.ts';
import postgres from 'postgres';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.ts';
import { eventually } from '../harness.ts';
import type { Change } from './witness.ts';

/** Every silent look is a status change, and so is the first answer after it. */
const SETTINGS = {
  WHEELHOUSE_SWEEP_SECONDS: '1',
  WHEELHOUSE_MISSES_TO_OFFLINE: '1',
  FIDA_SNMP_TIMEOUT_MS: '200',
  FIDA_SNMP_RETRIES: '0',
};
/** More than one chunk of the sweep. */
const DISPLAYS = 90;
const FLIP_MS = 500;
/** Of all displays, those that fall silent or recover at each flip. */
const FLIPPED_SHARE = 0.3;

/** A cluster whose displays fall silent and recover when the test says so: changes go the whole road, from SNMP on. */
export type ChangingEstate = {
  cluster: TestCluster;
  /** The site of a device: `museum/left` or `museum/right`. */
  siteOf: (deviceId: string | null) => string | undefined;
  /** Where the status log ends. */
  head: () => Promise<{ position: number; cursor: string }>;
  /** The truth: the rows behind a position, in order. */
  readLog: (after: number) => Promise<Change[]>;
  /** Displays fall silent and recover until the function it returns is called. */
  keepChanging: (random: () => number) => () => void;
  close: () => Promise<void>;
};

/** Resolves when every display has been looked at. */
export async function startChangingEstate(
  options: Pick<TestClusterOptions, 'queues' | 'replicas'>,
): Promise<ChangingEstate> {
  const access = { version: 'V2C', community: 'public' } as const;
  const definitions = Array.from({ length: DISPLAYS }, (_, index) => ({
    name: `display-${index}`,
    profile: 'wheelhouse-fida' as const,
    access,
  }));
  const { displays, close: closeDisplays } = await startDisplays(definitions);
  const cluster = await startTestCluster({ ...options, settings: SETTINGS });
  const sql = postgres(cluster.databaseUrl, { max: 1, connect_timeout: 3, onnotice: () => {} });
  const close = async (): Promise<void> => {
    await sql.end({ timeout: 1 });
    await cluster.close();
    await closeDisplays();
  };
  const readLog = async (after: number): Promise<Change[]> => [
    ...(await sql<Change[]>`
      select position::float8 as position, device_id as device, "from", "to" from devices.status_changes
      where position > ${after} order by position`),
  ];
  try {
    const devices = displays.map(({ name, snmp }, index) => {
      const site = index % 2 === 0 ? 'museum/left' : 'museum/right';
      return { name, system: 'FIDA', site, snmp };
    });
    const { status } = await cluster.importEstate({ devices });
    if (status !== 200) throw new Error(`the estate was refused: HTTP ${status}`);
    await eventually('each has been looked at', async () => (await readLog(0)).length >= DISPLAYS, 60_000);
    const rows = await sql<{ id: string; site: string }[]>`select id, site from devices.devices`;
    const sites = new Map(rows.map(({ id, site }) => [id, site]));
    return {
      cluster,
      siteOf: (deviceId) => sites.get(deviceId ?? ''),
      head: async () => {
        const [{ epoch, position } = { epoch: '', position: 0 }] = await sql<{ epoch: string; position: number }[]>`
          select epoch, position::float8 as position from devices.log_counters where log = 'status_changes'`;
        return { position, cursor: encodeCursor(epoch, position) };
      },
      readLog,
      keepChanging: (random) => {
        const timer = setInterval(() => {
          for (const display of displays)
            if (random() < FLIPPED_SHARE) display.setFault(display.fault === null ? { kind: 'silent' } : null);
        }, FLIP_MS);
        return () => clearInterval(timer);
      },
      close,
    };
  } catch (err) {
    await close();
    throw err;
  }
}
