import type { Fault } from '@wheelhouse/simulators/qsys/faults.ts';
import { aCore } from '@wheelhouse/simulators/qsys/testing/a-core.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLinkOpener } from './core-link.ts';
import { createCoreLinks } from './core-links.ts';
import { keptChanges, readDesign } from './design.ts';
import type { ControlChange } from './qrc/message.ts';
import { lookOf } from './rules.ts';
import { aTarget } from './testing/links.ts';
import { FINGERPRINT, withTls } from './testing/tls.ts';

const TIMEOUT_MS = 300;
const never = new AbortController().signal;

async function aLinkedCore(options: Parameters<typeof aCore>[0] = {}) {
  const { core } = await aCore(options);
  const link = createLinkOpener({ timeoutMs: TIMEOUT_MS })(
    aTarget({ port: core.tcpPort, logon: core.user && { user: core.user.name, password: core.user.password } }),
  );
  onTestFinished(link.close);
  const look = async () => lookOf(await link.request('StatusGet', 0, never));
  return { core, link, look };
}

describe('a look at a Core over its link', () => {
  it('is answered over one connection for as long as that lasts', async () => {
    const { core, look } = await aLinkedCore();
    for (let i = 0; i < 3; i++) expect(await look()).toMatchObject({ kind: 'answered', state: { designName: 'Café' } });
    expect(core.connections).toBe(1);
    core.dropConnections();
    await expect.poll(async () => (await look()).kind).toBe('answered');
    expect(core.connections).toBe(1);
  });

  it('goes over a websocket as well', async () => {
    const { core } = await aCore();
    const link = createLinkOpener({ timeoutMs: TIMEOUT_MS })(
      aTarget({ port: core.webSocketPort, transport: 'WEBSOCKET' }),
    );
    onTestFinished(link.close);
    expect(lookOf(await link.request('StatusGet', 0, never))).toMatchObject({ kind: 'answered' });
  });

  it('goes over TLS to a Core whose certificate is the one that is known, and to no other', async () => {
    const { core } = await aCore({ core: { user: { name: 'museum', password: 'sound' } } });
    const port = await withTls(core.webSocketPort);
    const lookWith = async (fingerprint: string | null) => {
      const logon = { user: 'museum', password: 'sound' };
      const link = createLinkOpener({ timeoutMs: 5_000 })(
        aTarget({ port, transport: 'WEBSOCKET_TLS', fingerprint, logon }),
      );
      onTestFinished(link.close);
      return lookOf(await link.request('StatusGet', 0, never));
    };
    expect(await lookWith(FINGERPRINT)).toMatchObject({ kind: 'answered', state: { designName: 'Café' } });
    const refused = (text: string) => ({
      ...{ kind: 'couldNotLook', cause: { code: 'CERTIFICATE_REJECTED', text: expect.stringContaining(text) } },
    });
    expect(await lookWith(null)).toMatchObject(refused("can't be verified"));
    expect(await lookWith(FINGERPRINT.replace('C3', 'C4'))).toMatchObject(refused(FINGERPRINT));
  });

  const SOUND: Fault[] = [
    { kind: 'splitsFrames', gapMs: 0 },
    { kind: 'slow', delayMs: 50 },
  ];
  it.each(SOUND)('is answered by a Core that is $kind', async (fault) => {
    const { core, look } = await aLinkedCore();
    core.setFault(fault);
    expect(await look()).toMatchObject({ kind: 'answered', state: { designName: 'Café' } });
  });

  const BROKEN: Fault[] = [
    { kind: 'silent' },
    { kind: 'slow', delayMs: 10 * TIMEOUT_MS },
    { kind: 'dropsMidFrame' },
    { kind: 'stallsMidFrame' },
    { kind: 'garbage' },
    { kind: 'endlessFrame' },
  ];
  it.each(BROKEN)('has no answer while a Core is $kind, ends in time, and has one when that is over', async (fault) => {
    const { core, look } = await aLinkedCore();
    expect((await look()).kind).toBe('answered');
    core.setFault(fault);
    const startedMs = performance.now();
    expect(['silent', 'couldNotLook']).toContain((await look()).kind);
    expect(['silent', 'couldNotLook']).toContain((await look()).kind);
    expect(performance.now() - startedMs).toBeLessThan(2 * 3 * TIMEOUT_MS + 5_000);
    core.setFault(null);
    await expect.poll(async () => (await look()).kind, { timeout: 40_000 }).toBe('answered');
  });

  it('finds a Core that is away silent, and answers when it is back', async () => {
    const { core, look } = await aLinkedCore();
    expect((await look()).kind).toBe('answered');
    const restarted = core.restart({ awayMs: 500 });
    expect(await look()).toMatchObject({ kind: 'silent' });
    await restarted;
    await expect.poll(async () => (await look()).kind, { timeout: 40_000 }).toBe('answered');
  });

  it('ends at once when we stop', async () => {
    const { core, link, look } = await aLinkedCore();
    await look();
    core.setFault({ kind: 'silent' });
    const aborter = new AbortController();
    const asked = link.request('StatusGet', 0, aborter.signal);
    aborter.abort();
    expect(await asked).toMatchObject({ kind: 'couldNotLook', cause: { code: 'CLOSED' } });
  });

  it('that could not be taken says why: a wrong password, none at all, a name without an address', async () => {
    const password = 'pin-8472-secret';
    const { core } = await aCore({ core: { user: { name: 'museum', password } } });
    const opener = createLinkOpener({ timeoutMs: TIMEOUT_MS });
    const lookWith = async (overrides: Parameters<typeof aTarget>[0]) => {
      const link = opener(aTarget({ port: core.tcpPort, ...overrides }));
      onTestFinished(link.close);
      return lookOf(await link.request('StatusGet', 0, never));
    };
    expect(await lookWith({ logon: { user: 'museum', password } })).toMatchObject({ kind: 'answered' });
    const wrong = await lookWith({ logon: { user: 'museum', password: 'wrong-6193' } });
    expect(wrong).toMatchObject({ kind: 'couldNotLook', cause: { code: 'CREDENTIALS_REJECTED' } });
    expect(JSON.stringify(wrong)).not.toMatch(/6193|8472/);
    expect(await lookWith({})).toMatchObject({ kind: 'couldNotLook', cause: { code: 'CREDENTIALS_REJECTED' } });
    expect(await lookWith({ host: 'no-such-core.invalid' })).toMatchObject({
      ...{ kind: 'couldNotLook', cause: { code: 'HOST_NOT_FOUND' } },
    });
  });
});

describe('a design', () => {
  it('is read as a whole', async () => {
    const { link } = await aLinkedCore();
    const design = await readDesign(link, never);
    expect(design.map(({ name, type }) => [name, type])).toEqual([
      ['Café Gain', 'gain'],
      ['Amplifier', 'cxq_amplifier'],
      ['Mixer', 'mixer'],
    ]);
    expect(design[0]?.controls[3]).toMatchObject({ name: 'label', type: 'Text', string: 'naïve 🎻 نص', min: null });
    expect(design[1]?.controls[1]).toMatchObject({ name: 'psu.temp', direction: 'READ_ONLY', min: 0, max: 120 });
  });

  it('is kept with what is a number as one, and without what has a name of its own', () => {
    const change = (overrides: Partial<ControlChange>): ControlChange => ({
      ...{ component: 'Gain', name: 'x', value: null, text: null, position: null },
      ...overrides,
    });
    expect(
      keptChanges([
        change({ value: true, text: 'on\u0000off', position: 1 }),
        change({ value: 'words' }),
        change({ component: null, value: 1 }),
      ]),
    ).toEqual([
      { component: 'Gain', name: 'x', value: 1, string: 'on off', position: 1 },
      { component: 'Gain', name: 'x', value: null, string: null, position: null },
    ]);
  });

  it('that a Core on standby does not tell is an error in its words', async () => {
    const { core, link } = await aLinkedCore();
    core.setState('Standby');
    await expect(readDesign(link, never)).rejects.toMatchObject({ code: 'STANDBY' });
  });
});

describe('what a link watches', () => {
  const WATCH = {
    ...{ id: 'design', rateSeconds: 0.02, named: [] },
    components: [{ name: 'Café Gain', controls: ['gain', 'mute'] }],
  };
  async function watching() {
    const { core, link, look } = await aLinkedCore();
    const told = { values: new Map<string, unknown>(), made: 0, designs: new Set<string>() };
    link.watch([WATCH], {
      changed: (changes) => {
        for (const { name, value } of changes) told.values.set(name, value);
      },
      watched: ({ kind }) => {
        told.made += kind === 'made' ? 1 : 0;
      },
      designRuns: (code) => void told.designs.add(code),
    });
    const gain = core.design.named('CafeGain');
    const gainBecomes = async (number: number): Promise<void> => {
      core.design.happen(gain, { number, text: '' });
      await expect.poll(() => told.values.get('gain'), { interval: 5, timeout: 40_000 }).toBe(number);
    };
    await expect.poll(() => told.values.get('gain')).toBe(-6);
    return { core, link, look, told, gainBecomes };
  }

  it('is pushed without being asked for, and again after the connection was lost, by itself', async () => {
    const { core, told, gainBecomes } = await watching();
    await gainBecomes(-20);
    expect(told.designs).toEqual(new Set(['qTest1']));
    core.dropConnections();
    await gainBecomes(-30);
    await core.restart({ awayMs: 100 });
    await expect.poll(() => told.values.get('gain'), { timeout: 40_000 }).toBe(-6);
    expect([core.connections, core.changeGroups]).toEqual([1, 1]);
    expect(told.made).toBeGreaterThanOrEqual(2);
  });

  it('is pushed again after a Core that was silent was given up by a look', async () => {
    const { core, look, gainBecomes } = await watching();
    core.setFault({ kind: 'silent' });
    expect((await look()).kind).toBe('silent');
    core.setFault(null);
    await gainBecomes(-40);
  });

  it('ends with the link', async () => {
    const { core, link } = await watching();
    link.close();
    await expect.poll(() => core.connections).toBe(0);
    link.watch([WATCH], { changed: () => {}, watched: () => {}, designRuns: () => {} });
    expect(await link.request('StatusGet', 0, never)).toMatchObject({ kind: 'couldNotLook' });
    expect(core.connections).toBe(0);
  });
});

describe('the links of a worker', () => {
  it('are one for each device, closed when they are idle, and opened anew for another address', async () => {
    const { core } = await aCore();
    const links = createCoreLinks(createLinkOpener({ timeoutMs: TIMEOUT_MS }), { idleMs: 400 });
    onTestFinished(links.close);
    const target = aTarget({ port: core.tcpPort });
    const first = links.linkTo('a', target);
    expect(links.linkTo('a', { ...target })).toBe(first);
    await first.request('StatusGet', 0, never);
    expect(core.connections).toBe(1);
    expect(links.linkTo('a', { ...target, logon: { user: 'u', password: 'p' } })).not.toBe(first);
    await expect.poll(() => core.connections).toBe(0);
    expect(await first.request('StatusGet', 0, never)).toMatchObject({ kind: 'couldNotLook' });
    await links.linkTo('b', target).request('StatusGet', 0, never);
    expect(core.connections).toBe(1);
    await expect.poll(() => core.connections, { timeout: 40_000 }).toBe(0);
  });
});
