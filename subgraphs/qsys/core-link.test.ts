import type { Fault } from '@wheelhouse/simulators/qsys/faults.ts';
import { aCore } from '@wheelhouse/simulators/qsys/testing/a-core.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLinkOpener } from './core-link.ts';
import { createCoreLinks } from './core-links.ts';
import { readChanges, readDesign, watchDesign } from './design.ts';
import { lookOf } from './rules.ts';
import { aTarget } from './testing/links.ts';

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
    const { core, link, look } = await aLinkedCore();
    for (let i = 0; i < 3; i++) expect(await look()).toMatchObject({ kind: 'answered', state: { designName: 'Café' } });
    expect([link.connection, core.connections]).toEqual([1, 1]);
    core.dropConnections();
    await expect.poll(async () => (await look()).kind).toBe('answered');
    expect(link.connection).toBe(2);
  });

  it('goes over a websocket as well', async () => {
    const { core } = await aCore();
    const link = createLinkOpener({ timeoutMs: TIMEOUT_MS })(
      aTarget({ port: core.webSocketPort, transport: 'WEBSOCKET' }),
    );
    onTestFinished(link.close);
    expect(lookOf(await link.request('StatusGet', 0, never))).toMatchObject({ kind: 'answered' });
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
    expect(performance.now() - startedMs).toBeLessThan(2 * 3 * TIMEOUT_MS + 1_000);
    core.setFault(null);
    await expect.poll(async () => (await look()).kind, { timeout: 10_000 }).toBe('answered');
  });

  it('finds a Core that is away silent, and answers when it is back', async () => {
    const { core, look } = await aLinkedCore();
    expect((await look()).kind).toBe('answered');
    const restarted = core.restart({ awayMs: 500 });
    expect(await look()).toMatchObject({ kind: 'silent' });
    await restarted;
    await expect.poll(async () => (await look()).kind, { timeout: 10_000 }).toBe('answered');
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
  it('is read as a whole, and then by what has changed', async () => {
    const { core, link } = await aLinkedCore();
    const design = await readDesign(link, never);
    expect(design.map(({ name, type }) => [name, type])).toEqual([
      ['Café Gain', 'gain'],
      ['Amplifier', 'cxq_amplifier'],
      ['Mixer', 'mixer'],
    ]);
    const count = design.flatMap(({ controls }) => controls).length;
    expect(design[0]?.controls[3]).toMatchObject({ name: 'label', type: 'Text', string: 'naïve 🎻 نص', min: null });
    expect(design[1]?.controls[1]).toMatchObject({ name: 'psu.temp', direction: 'READ_ONLY', min: 0, max: 120 });
    expect(await watchDesign(link, design, never)).toHaveLength(count);
    expect(await readChanges(link, never)).toEqual([]);
    core.design.happen(core.design.controlOf('Amplifier', 'psu.temp'), { number: 97, text: '' });
    expect(await readChanges(link, never)).toMatchObject([{ component: 'Amplifier', name: 'psu.temp', value: 97 }]);
  });

  it('can be watched anew over the same connection', async () => {
    const { core, link } = await aLinkedCore();
    const design = await readDesign(link, never);
    await watchDesign(link, design, never);
    await watchDesign(link, design.slice(0, 1), never);
    expect(core.changeGroups).toBe(1);
    expect(await watchDesign(link, [], never)).toBeNull();
    expect(core.changeGroups).toBe(0);
  });

  it('that a Core on standby does not tell is an error in its words', async () => {
    const { core, link } = await aLinkedCore();
    core.setState('Standby');
    await expect(readDesign(link, never)).rejects.toMatchObject({ code: 'STANDBY' });
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
    await expect.poll(() => core.connections, { timeout: 5_000 }).toBe(0);
  });
});
