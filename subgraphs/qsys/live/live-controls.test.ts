import { type DatabaseHandle, openDatabase } from '@wheelhouse/kit/database.ts';
import { takeFeedItems } from '@wheelhouse/kit/feed-copy.ts';
import type { Area } from '@wheelhouse/kit/identity.ts';
import { createLogger } from '@wheelhouse/kit/logger.ts';
import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { aCore } from '@wheelhouse/simulators/qsys/testing/a-core.ts';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createMigratedDatabase, type TestDatabase } from '../../../tests/database.ts';
import { createLinkOpener } from '../core-link.ts';
import { readDesign } from '../design.ts';
import { saveDesign } from '../design-store.ts';
import { registryCopy } from '../store.ts';
import { aTarget } from '../testing/links.ts';
import { checkLiveAsk } from './ask.ts';
import { createLiveControls } from './live-controls.ts';
import type { LiveEvent } from './view.ts';

let database: TestDatabase;
let handle: DatabaseHandle;
let cursor: string | null = null;
beforeAll(async () => {
  database = await createMigratedDatabase();
  handle = openDatabase(database.url);
});
afterAll(async () => {
  await handle.close();
  await database.drop();
});

type Item = { version: number; port: number; sealed?: string | null; site?: string };
async function know(id: string, { version, port, sealed = null, site = 'museum' }: Item): Promise<void> {
  const connection = { host: '127.0.0.1', port, transport: 'TCP' };
  const item = { id, version, removed: false, site, timeZone: 'UTC', sealed, connection };
  const to = `${Number(cursor ?? 0) + 1}`;
  await takeFeedItems(handle.db, registryCopy, [item], { from: cursor, to });
  cursor = to;
}
/** Does what a worker does when it first reaches a Core. */
async function readBy(id: string, port: number): Promise<void> {
  const link = createLinkOpener({ timeoutMs: 5_000 })(aTarget({ port }));
  const components = await readDesign(link, new AbortController().signal);
  link.close();
  await saveDesign(handle.db, id, { designCode: 'one', readAt: new Date(), components });
}

function liveControls({ lingerMs = 60_000 } = {}) {
  const metrics = new Registry();
  const live = createLiveControls({
    ...{ db: handle.db, sealer: createSealer('5a'.repeat(32)), timeoutMs: 5_000, lingerMs, checkMs: 30, metrics },
    ...{ logger: createLogger({ name: 'test', level: 'silent' }), now: () => new Date() },
  });
  onTestFinished(live.close);
  return { live, metrics };
}
async function hear(live: ReturnType<typeof liveControls>['live'], id: string, sees: Area = 'everywhere') {
  const stream = await live.subscribe({ ...checkLiveAsk({ id, components: ['Café Gain'] }), sees });
  const heard: LiveEvent[] = [];
  let failure = '';
  void (async () => {
    for await (const event of stream) heard.push(event);
  })().catch((err: Error) => {
    failure = err.message;
  });
  const hears = (event: unknown) =>
    expect.poll(() => heard.at(-1), { interval: 5, timeout: 40_000 }).toMatchObject(event as object);
  return { stream, hears, failure: () => failure };
}
const withGain = (value: number) => ({
  live: true,
  values: expect.arrayContaining([expect.objectContaining({ name: 'gain', value })]),
});

describe('what becomes of a Core while it is watched', () => {
  it('is noticed: its components are read for the first time, and it stands at another address', async () => {
    const [{ core }, { core: other }] = [await aCore(), await aCore()];
    other.design.happen(other.design.named('CafeGain'), { number: -44, text: '' });
    await know('moved', { version: 1, port: core.tcpPort });
    const { live } = liveControls();
    const { hears } = await hear(live, 'moved');
    await hears({ live: true, complete: true, values: [], missing: [{ component: 'Café Gain', name: null }] });
    await readBy('moved', core.tcpPort);
    await hears({ ...withGain(-6), complete: true, missing: [] });
    await know('moved', { version: 2, port: other.tcpPort });
    await hears({ ...withGain(-44), complete: true });
    await expect.poll(() => core.connections).toBe(0);
  });

  it('is noticed also where its entry could not be read', async () => {
    const { core } = await aCore();
    await know('sealed', { version: 1, port: core.tcpPort, sealed: 'not sealed by us' });
    await readBy('sealed', core.tcpPort);
    const { live } = liveControls();
    const { hears } = await hear(live, 'sealed');
    // What was stored is told all the same.
    await hears({ ...withGain(-6), live: false, complete: true, problem: expect.stringContaining('INVALID_TARGET') });
    await know('sealed', { version: 2, port: core.tcpPort });
    await hears({ ...withGain(-6), live: true, complete: true, problem: null });
  });

  it('is told only to who may see it where it stands, and no more when it has moved to where they may not', async () => {
    const { core } = await aCore();
    await know('seen', { version: 1, port: core.tcpPort, site: 'museum/hall' });
    await readBy('seen', core.tcpPort);
    const { live } = liveControls();
    await expect(hear(live, 'seen', ['museum/foyer'])).rejects.toThrow('there is no Core seen');
    const [here, everywhere] = [await hear(live, 'seen', ['museum/hall']), await hear(live, 'seen')];
    for (const { hears } of [here, everywhere]) await hears(withGain(-6));
    await know('seen', { version: 2, port: core.tcpPort, site: 'museum/foyer' });
    await expect.poll(here.failure, { timeout: 40_000 }).toContain('there is no Core seen');
    core.design.happen(core.design.named('CafeGain'), { number: -30, text: '' });
    await everywhere.hears(withGain(-30));
  });

  it('is of no more interest when nobody is left: its connection ends, and a new one begins with the next', async () => {
    const { core } = await aCore();
    await know('left', { version: 1, port: core.tcpPort });
    await readBy('left', core.tcpPort);
    const { live, metrics } = liveControls({ lingerMs: 20 });
    for (let round = 0; round < 2; round++) {
      const { stream, hears } = await hear(live, 'left');
      await hears(withGain(-6));
      expect(await metrics.metrics()).toMatch(/live_cores 1\n[\s\S]*live_subscribers 1\n/);
      await stream.return();
      await expect.poll(() => core.connections).toBe(0);
    }
    expect(await metrics.metrics()).toMatch(/live_cores 0\n[\s\S]*live_subscribers 0\n/);
  });
});
