import type { Core } from '@wheelhouse/simulators/qsys/start-cores.ts';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ControlName } from '../settings-names.ts';
import { settingOf } from '../settings-names.ts';
import { aClient, targetOf as clientTargetOf, someCores } from '../testing/a-client.ts';
import { setNamed } from '../testing/calls.ts';
import { aTarget } from '../testing/links.ts';
import { CoreFeed } from './core-feed.ts';
import type { LiveEvent, LiveValue, View } from './view.ts';

const GAIN = { component: 'Café Gain', name: 'gain' };
const MUTE = { component: 'Café Gain', name: 'mute' };
const NAMED_GAIN = { component: null, name: 'CafeGain' };

/** A feed of a Core; `unused` counts how often it said that nobody listens. */
function aFeed(core: Core, { lingerMs = 60_000, timeoutMs = 5_000 } = {}) {
  const told = { unused: 0 };
  const unused = (): void => {
    told.unused += 1;
  };
  const target = aTarget({
    port: core.tcpPort,
    logon: core.user && { user: core.user.name, password: core.user.password },
  });
  const feed = new CoreFeed('core', target, { timeoutMs, lingerMs, now: () => new Date(), unused });
  onTestFinished(() => feed.close());
  const add = (...controls: ControlName[]): View => {
    const ask = { deviceId: 'core', components: [], controls, sees: 'everywhere' as const };
    const resolved = { controls: new Map(controls.map((control) => [settingOf(control), control])), missing: [] };
    return feed.add(ask, resolved, []);
  };
  return { feed, add, told };
}

/** Reads a view as a subscriber that keeps up does. */
function reader({ stream }: View) {
  const events: LiveEvent[] = [];
  const values = new Map<string, LiveValue>();
  const ended = (async () => {
    for await (const event of stream) {
      events.push(event);
      for (const value of event.values) values.set(settingOf(value), value);
    }
  })().catch((err: unknown) => err);
  const says = (control: ControlName, value: unknown) =>
    expect.poll(() => values.get(settingOf(control))?.value, { interval: 5, timeout: 40_000 }).toBe(value);
  const hears = (matching: Partial<LiveEvent>) =>
    expect.poll(() => events.at(-1), { interval: 5, timeout: 40_000 }).toMatchObject(matching);
  return { events, values, ended, says, hears };
}

const happen = (core: Core, number: number): void =>
  core.design.happen(core.design.named('CafeGain'), { number, text: '' });

describe('a Core that is watched', () => {
  it('tells all first, and then what changes, to all over one connection', async () => {
    const { core } = await someCores();
    const { add } = aFeed(core);
    const first = reader(add(GAIN, MUTE));
    await first.hears({ live: true, complete: true, problem: null, missing: [] });
    expect(first.values.size).toBe(2);
    // More than is watched already, the same control by both of its names.
    const second = reader(add(GAIN, NAMED_GAIN));
    await second.hears({ live: true, complete: true });
    happen(core, -20);
    await first.says(GAIN, -20);
    await second.says(GAIN, -20);
    await second.says(NAMED_GAIN, -20);
    expect(first.events.filter(({ complete }) => !complete)).toMatchObject([
      { complete: false, values: [{ name: 'gain', string: '-20.0dB' }] },
    ]);
    // What is watched already is told at once.
    expect((await add(MUTE).stream.next()).value).toMatchObject({
      complete: true,
      values: [{ name: 'mute', value: 0 }],
    });
    expect([core.connections, core.changeGroups]).toEqual([1, 2]);
  });

  it('tells who is slow the latest alone, and who left nothing', async () => {
    const { core } = await someCores();
    const { add } = aFeed(core);
    const slow = add(GAIN, MUTE);
    const gone = add(GAIN);
    const quick = reader(add(GAIN));
    await slow.stream.next();
    await gone.stream.return();
    for (const number of [-1, -2, -3]) {
      happen(core, number);
      await quick.says(GAIN, number);
    }
    expect(await slow.stream.next()).toMatchObject({
      value: { complete: false, values: [{ name: 'gain', value: -3 }] },
    });
    expect(await gone.stream.next()).toMatchObject({ done: true });
  });

  it('says that it is away, and tells all anew when it is back', async () => {
    const { core } = await someCores();
    const { add } = aFeed(core);
    const heard = reader(add(GAIN, MUTE));
    await heard.hears({ live: true });
    happen(core, -20);
    await heard.says(GAIN, -20);
    heard.events.length = 0;
    await core.restart({ awayMs: 300 });
    await heard.says(GAIN, -6);
    const [away, ...later] = heard.events;
    expect(away).toMatchObject({ live: false, complete: false, values: [], problem: expect.stringMatching(/./) });
    expect(away?.asOf).toBeInstanceOf(Date);
    expect(later.find(({ live }) => live)).toMatchObject({ complete: true, problem: null });
  });

  it('of which nothing comes says why: a logon that it refuses, silence, standby', async () => {
    const { core: locked } = await someCores({ core: { user: { name: 'museum', password: 'sound' } } });
    const feed = new CoreFeed('core', aTarget({ port: locked.tcpPort }), {
      ...{ timeoutMs: 5_000, lingerMs: 60_000, now: () => new Date(), unused: () => {} },
    });
    onTestFinished(() => feed.close());
    const stored = { ...GAIN, value: -9, string: '-9.0dB', position: 0.5, measuredAt: new Date(5) };
    const resolved = { controls: new Map([[settingOf(GAIN), GAIN]]), missing: [] };
    const ask = { deviceId: 'core', components: [], controls: [GAIN], sees: 'everywhere' as const };
    const view = feed.add(ask, resolved, [stored]);
    // What was stored last is told with its time.
    expect(await view.stream.next()).toMatchObject({
      value: {
        live: false,
        complete: true,
        asOf: new Date(5),
        values: [{ value: -9 }],
        problem: /^CREDENTIALS_REJECTED/,
      },
    });
    const { core, backup } = await someCores({ isPair: true });
    core.setFault({ kind: 'silent' });
    const silent = reader(aFeed(core, { timeoutMs: 400 }).add(GAIN));
    await silent.hears({ live: false, problem: expect.stringContaining('400 ms') });
    const waiting = reader(aFeed(backup).add(GAIN));
    await waiting.hears({ live: false, problem: expect.stringContaining('STANDBY') });
    backup.setState('Active');
    await waiting.hears({ live: true, complete: true });
  });

  it('says what it does not know', async () => {
    const { core } = await someCores();
    const unknown = [
      { component: null, name: 'Nobody' },
      { component: 'Cellar', name: 'gain' },
    ];
    const heard = reader(aFeed(core).add(NAMED_GAIN, ...unknown));
    await heard.hears({ live: true, complete: true, missing: unknown });
    expect(heard.values.size).toBe(1);
    const nothing = reader(aFeed(core).add(...unknown));
    await nothing.hears({ live: true, complete: true, values: [], missing: unknown });
  });

  it('can become another Core, and end for everybody', async () => {
    const { core } = await someCores();
    const { core: other } = await someCores();
    happen(other, -50);
    const { feed, add } = aFeed(core);
    const heard = reader(add(GAIN));
    await heard.says(GAIN, -6);
    feed.retarget(aTarget({ port: other.tcpPort }));
    await heard.says(GAIN, -50);
    await expect.poll(() => core.connections).toBe(0);
    feed.fail(new Error('it was removed'));
    expect(await heard.ended).toMatchObject({ message: 'it was removed' });
    await expect.poll(() => other.connections).toBe(0);
  });

  it('is not asked for what nobody wants any more, and is let go when nobody is left', async () => {
    const { core } = await someCores();
    const { add, told } = aFeed(core, { lingerMs: 30 });
    const both = add(GAIN, NAMED_GAIN);
    const heard = reader(add(GAIN));
    await heard.hears({ live: true });
    expect(core.changeGroups).toBe(2);
    await both.stream.return();
    await expect.poll(() => core.changeGroups).toBe(1);
    happen(core, -8);
    await heard.says(GAIN, -8);
    expect(told.unused).toBe(0);
    const last = add(GAIN);
    await last.stream.return();
    expect(told.unused).toBe(0);
  });

  it('tells a trigger that has fired, whose value is always the same', async () => {
    const { core } = await someCores();
    const heard = reader(aFeed(core).add({ component: null, name: 'CafeChime' }, NAMED_GAIN));
    await heard.hears({ live: true, complete: true });
    const { client, phase } = aClient(clientTargetOf(core, 'TCP'));
    await phase('ready');
    // What a group tells first counts as its state.
    for (const number of [-1, -2, -3]) {
      happen(core, number);
      await heard.says(NAMED_GAIN, number);
    }
    await setNamed(client, 'CafeChime', { value: 1 });
    await heard.hears({ complete: false, values: [expect.objectContaining({ name: 'CafeChime', value: 0 })] });
  });
});
