import { samplesSealedQueue, sealedSamplesShape } from '@wheelhouse/contracts/samples.ts';
import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { StopList } from '@wheelhouse/kit/lifecycle.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { openQueues } from '@wheelhouse/kit/queue.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startWheelhouse, type Wheelhouse } from './harness.ts';

const HOUR_MS = 3_600_000;
const services = ['devices', 'entertainment', 'fida'] as const;

describe('the workers', () => {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const stops = new StopList(logger);
  let wheelhouse: Wheelhouse;
  let handle: DatabaseHandle;
  let lastHour: Date;

  beforeAll(async () => {
    wheelhouse = await startWheelhouse();
    handle = openDatabase(wheelhouse.databaseUrl);
    await wheelhouse.importEstate({
      devices: [
        {
          name: 'a',
          system: 'FIDA',
          site: 'hall',
          snmp: { host: '127.0.0.1', port: 9, version: 'V2C', community: 'c' },
        },
      ],
    });
    lastHour = new Date(Math.floor(Date.now() / HOUR_MS - 1) * HOUR_MS);
    for (const service of services) {
      const schema = handle.sql(service);
      await handle.sql`insert into ${schema}.sample_runs values (${lastHour.toISOString()}, ${lastHour.toISOString()}, 1)`;
      await handle.sql`insert into ${schema}.samples values (1, 'a', ${lastHour.toISOString()}, ${lastHour.toISOString()}, '{}', '{}')`;
      await handle.sql`insert into ${schema}.log_counters values ('samples', 'abcdef01', 1)`;
    }
    await wheelhouse.startWorker();
  });
  afterAll(async () => {
    await stops.stop();
    await handle.close();
    await wheelhouse.close();
  });

  it.each(services)(
    'of %s sample the present hour at once where the last one was, and then every hour',
    async (service) => {
      const [run] =
        await handle.sql`select hour from ${handle.sql(service)}.sample_runs where hour > ${lastHour.toISOString()}`;
      expect(new Date(run?.hour).getTime() % HOUR_MS).toBe(0);
      const due =
        await handle.sql`select process_at_ms from bullmq.job where queue = ${`${service}-samples`} and state = 'delayed'`;
      expect(due).toHaveLength(1);
      expect(Number(due[0]?.process_at_ms) % HOUR_MS).toBe(0);
    },
  );

  it.each(services)('of %s remove what they are told is archived', async (service) => {
    const queues = openQueues({ databaseUrl: wheelhouse.databaseUrl, logger, stops });
    const before = new Date(lastHour.getTime() + HOUR_MS).toISOString();
    const payload = { epoch: 'abcdef01', throughPosition: 1, before };
    await queues.queue(samplesSealedQueue(service), sealedSamplesShape).add([{ id: 'sealed', payload }]);
    await eventually('the sample is gone', async () => {
      const left = await handle.sql`select 1 from ${handle.sql(service)}.samples where position = 1`;
      return left.length === 0;
    });
  });

  it('tell which metrics there are, with their units', async () => {
    const rows = await handle.sql`select name, unit from fida.sample_metrics order by name`;
    expect(rows.map(({ name, unit }) => `${name} ${unit}`)).toEqual([
      'ambientLightLux lx',
      'backlightHours h',
      'brightnessPercent %',
      'roundTripMs ms',
      'temperatureCelsius °C',
    ]);
    expect(await handle.sql`select name from devices.sample_metrics`).toHaveLength(0);
  });
});
