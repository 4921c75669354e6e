import { openHoursClock } from '@wheelhouse/fida/testing/hours.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './harness.ts';
import { type SettableDisplays, startSettableDisplays } from './settings-graph.ts';

const DAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'];
const everyDay = (on: string, off: string) => DAYS.map((weekday) => ({ weekday, on, off }));
/** Hours from now, on the hour: far from the minutes on which the workers' own clock strikes while the test runs. */
const hourFromNow = (hours: number): string => `${String((new Date().getUTCHours() + hours) % 24).padStart(2, '0')}:00`;
const [ON, OFF, LATER_ON, EARLIER_OFF] = [hourFromNow(3), hourFromNow(11), hourFromNow(4), hourFromNow(10)];
const minutesAfter = (at: string, minutes: number): Date => new Date(Date.parse(at) + minutes * 60_000);

const HOURS = `query ($id: ID!) { device(id: $id) { ... on FidaDisplay {
  power timeZone hoursOfOperation { weekday on off } hoursExceptions { date windows { on off } } nextSwitching { at power } } } }`;

describe('hours of operation', () => {
  let estate: SettableDisplays;
  let clock: Awaited<ReturnType<typeof openHoursClock>>;

  beforeAll(async () => {
    const names = ['plain', 'down', 'dead', 'undone', 'planned', 'wrong', 'moved', 'mixed'];
    estate = await startSettableDisplays(
      names.map((name) => ({ name })),
      { WHEELHOUSE_SWEEP_SECONDS: '2' },
    );
    clock = await openHoursClock(estate.wheelhouse.databaseUrl);
  });
  afterAll(async () => {
    await clock.close();
    await estate.close();
  });

  const hoursOf = async (name: string) => (await estate.wheelhouse.query(HOURS, { id: estate.idOf(name) })).data.device;
  const nextOf = async (name: string): Promise<{ at: string; power: 'ON' | 'OFF' }> =>
    (await hoursOf(name)).nextSwitching;
  const isSwitched = (name: string, power: string) =>
    eventually(`${name} is ${power}`, () => estate.displayOf(name).values.power === power);
  /** The changes that its hours asked for, oldest first, once all of them have ended. */
  const switchingsOf = (name: string) => clock.ended(estate.idOf(name));

  it('are set, read back and followed: the display is switched over SNMP', async () => {
    const { settingsChange, userErrors } = await estate.set('plain', {
      hoursOfOperation: [...everyDay(ON, OFF)].reverse(),
      hoursExceptions: [{ date: '2199-12-31', windows: [] }],
      reason: 'opening hours',
    });
    expect(userErrors).toEqual([]);
    const stored = {
      hoursOfOperation: everyDay(ON, OFF).map(({ weekday, on, off }) => ({ on, off, weekday })),
      hoursExceptions: [{ date: '2199-12-31', windows: [] }],
    };
    expect(settingsChange).toMatchObject({
      ...{ state: 'APPLIED', wanted: stored, readBack: stored, reason: 'opening hours', settingsVersion: 1 },
      before: { hoursOfOperation: [], hoursExceptions: [] },
    });
    expect(await hoursOf('plain')).toMatchObject({ ...stored, timeZone: 'UTC', power: 'ON' });

    for (const round of [1, 2]) {
      const next = await nextOf('plain');
      await clock.switch(new Date(next.at));
      // A display that is so already shows the power before its change has begun, and the next switching would come in its place.
      await eventually('the switching has ended', async () => {
        const switchings = await switchingsOf('plain');
        return switchings.length === round && switchings.every(({ state }) => state !== 'PENDING');
      });
      await isSwitched('plain', next.power);
    }
    const changes = await switchingsOf('plain');
    expect(changes.map(({ state, actor }) => [state, actor])).toEqual(
      changes.map(() => ['APPLIED', 'hours of operation']),
    );
    expect(changes.map(({ reason }) => reason).toSorted()).toEqual([`closes at ${OFF} (UTC)`, `opens at ${ON} (UTC)`]);
    expect((await hoursOf('plain')).power).toBe(estate.displayOf('plain').values.power);
  });

  it('are caught up with once after a time without workers, and only the last switching is done', async () => {
    await estate.set('down', { hoursOfOperation: everyDay(ON, OFF) });
    const next = await nextOf('down');
    // Five switchings later, half an hour after the last one: of the kind of the first.
    const late = minutesAfter(next.at, 2 * 24 * 60 + 30);
    await Promise.all([clock.switch(late), clock.switch(late)]);
    await clock.switch(minutesAfter(late.toISOString(), 1));
    const changes = await switchingsOf('down');
    expect(changes.map(({ wanted, state }) => [wanted, state])).toEqual([[{ power: next.power }, 'APPLIED']]);
    await isSwitched('down', next.power);
  });

  it('are followed again when a display that could not be reached answers', async () => {
    const display = estate.displayOf('dead');
    await estate.set('dead', { hoursOfOperation: everyDay(ON, OFF) });
    const next = await nextOf('dead');
    display.set({ power: next.power === 'ON' ? 'OFF' : 'ON' });
    display.setFault({ kind: 'silent' });
    await clock.switch(new Date(next.at));
    expect((await switchingsOf('dead')).map(({ state }) => state)).toEqual(['UNREACHABLE']);
    await clock.switch(minutesAfter(next.at, 10));
    expect(await switchingsOf('dead')).toHaveLength(1);

    display.setFault(null);
    await eventually('it has answered a look', () => clock.hasAnsweredSince(estate.idOf('dead')));
    await clock.switch(minutesAfter(next.at, 4));
    expect(await switchingsOf('dead')).toHaveLength(1);
    await clock.switch(minutesAfter(next.at, 5));
    await isSwitched('dead', next.power);
    const changes = await switchingsOf('dead');
    expect(changes.map(({ state }) => state)).toEqual(['UNREACHABLE', 'APPLIED']);
    expect(changes[1]?.reason).toBe(`${changes[0]?.reason}, tried again`);
    await clock.switch(minutesAfter(next.at, 20));
    expect(await switchingsOf('dead')).toHaveLength(2);
  });

  it('are taken back by an undo, and taken away by an empty list', async () => {
    const first = await estate.set('undone', { hoursOfOperation: everyDay(ON, OFF) });
    const second = await estate.set('undone', { hoursOfOperation: everyDay(LATER_ON, EARLIER_OFF) });
    const undone = await estate.undo({ id: second.settingsChange.id });
    expect(undone.settingsChange).toMatchObject({ state: 'APPLIED', undoes: second.settingsChange.id });
    expect((await hoursOf('undone')).hoursOfOperation).toEqual(everyDay(ON, OFF));
    expect(undone.settingsChange.readBack).toEqual(first.settingsChange.readBack);
    const gone = await estate.set('undone', { hoursOfOperation: [] });
    expect(gone.settingsChange).toMatchObject({ state: 'APPLIED', wanted: { hoursOfOperation: [] } });
    expect(await hoursOf('undone')).toMatchObject({ hoursOfOperation: [], hoursExceptions: [], nextSwitching: null });
    const back = await estate.undo({ id: gone.settingsChange.id });
    expect(back.userErrors).toEqual([]);
    expect((await hoursOf('undone')).hoursOfOperation).toEqual(everyDay(ON, OFF));
  });

  it('are planned without a trace, with the next switchings, and applied', async () => {
    const input = { hoursOfOperation: everyDay(ON, OFF) };
    const { plan, settingsChange } = await estate.set('planned', { ...input, dryRun: true });
    expect(settingsChange.state).toBe('PLANNED');
    expect(plan.changes).toMatchObject([{ setting: 'hoursOfOperation', before: [] }]);
    expect(plan.effects.slice(-3)).toEqual([
      'new hours switch nothing at once',
      expect.stringMatching(new RegExp(`^its hours switch the display ON on \\S+ at ${ON} \\(UTC\\), at `)),
      expect.stringMatching(new RegExp(`^then they switch it OFF on \\S+ at ${OFF} \\(UTC\\), at `)),
    ]);
    expect(await hoursOf('planned')).toMatchObject({ hoursOfOperation: [], nextSwitching: null });
    const applied = await estate.apply({ plan: plan.id });
    expect(applied.settingsChange).toMatchObject({ state: 'APPLIED' });
    const { nextSwitching } = await hoursOf('planned');
    expect(plan.effects.at(-2)).toContain(`${nextSwitching.power} on`);
    expect(plan.effects.at(-2)).toContain(nextSwitching.at);
  });

  it('are set together with other values, and with those of many displays', async () => {
    const { settingsChange } = await estate.set('mixed', {
      ...{ brightnessPercent: 33, hoursOfOperation: [{ weekday: 'MONDAY', on: '09:00', off: '24:00' }] },
    });
    const wanted = { brightnessPercent: 33, hoursOfOperation: [{ weekday: 'MONDAY', on: '09:00', off: '24:00' }] };
    expect(settingsChange).toMatchObject({
      ...{ state: 'APPLIED', wanted, readBack: wanted },
      before: { brightnessPercent: 70, hoursOfOperation: [] },
    });
    const { results } = await estate.setMany({
      ids: [estate.idOf('mixed'), estate.idOf('wrong')],
      hoursExceptions: [{ date: '2199-12-24', windows: [{ on: '09:00', off: '12:00' }] }],
    });
    expect(results.map(({ settingsChange: { state } }: { settingsChange: { state: string } }) => state)).toEqual([
      'APPLIED',
      'APPLIED',
    ]);
    expect(await hoursOf('mixed')).toMatchObject({
      hoursOfOperation: wanted.hoursOfOperation,
      hoursExceptions: [{ date: '2199-12-24', windows: [{ on: '09:00', off: '12:00' }] }],
    });
  });

  it.each([
    [
      'hoursOfOperation.1.off',
      {
        hoursOfOperation: [
          ...everyDay('09:00', '18:00').slice(0, 1),
          { weekday: 'TUESDAY', on: '09:00', off: '24:30' },
        ],
      },
    ],
    [
      'hoursOfOperation.1',
      {
        hoursOfOperation: [...everyDay('09:00', '18:00').slice(0, 1), { weekday: 'MONDAY', on: '17:00', off: '19:00' }],
      },
    ],
    [
      'hoursExceptions.0.windows.0.on',
      { hoursExceptions: [{ date: '2027-01-01', windows: [{ on: '24:00', off: '24:00' }] }] },
    ],
    ['hoursExceptions.0.date', { hoursExceptions: [{ date: '1999-01-01', windows: [] }] }],
  ])('that are wrong are refused by name: %s', async (field, input) => {
    const { settingsChange, userErrors } = await estate.set('wrong', input);
    expect(settingsChange).toBeNull();
    expect(userErrors.map((fault: { field: string; code: string }) => [fault.field, fault.code])).toEqual([
      [`input.${field}`, 'INVALID'],
    ]);
  });

  it('of a day that is none are an error that says so', async () => {
    const text =
      'mutation ($input: SetDisplaySettingsInput!) { setDisplaySettings(input: $input) { userErrors { field } } }';
    const input = { id: estate.idOf('wrong'), hoursExceptions: [{ date: '2026-02-30', windows: [] }] };
    const { errors } = await estate.wheelhouse.query(text, { input });
    expect(errors?.[0]?.message).toContain('2026-02-30');
  });

  it('of many displays cost as many statements as those of one', async () => {
    const text = `query ($first: Int!) { devices(first: $first) { nodes { ... on FidaDisplay {
      timeZone hoursOfOperation { weekday } hoursExceptions { date } nextSwitching { at } } } } }`;
    // The least of several: the server itself reads its logs once a second.
    const cost = async (first: number): Promise<number> => {
      const costs: number[] = [];
      while (costs.length < 5) {
        const before = await estate.wheelhouse.statements('fida');
        const { data } = await estate.wheelhouse.query(text, { first });
        expect(data.devices.nodes).toHaveLength(first);
        costs.push((await estate.wheelhouse.statements('fida')) - before);
      }
      return Math.min(...costs);
    };
    expect(await cost(8)).toBe(await cost(1));
  });

  it('move with the time zone of the site, and switch nothing in the past', async () => {
    await estate.set('moved', { hoursOfOperation: everyDay(ON, OFF) });
    const before = await nextOf('moved');
    const text =
      'mutation ($input: SetSiteSettingsInput!) { setSiteSettings(input: $input) { userErrors { message } } }';
    await estate.wheelhouse.query(text, { input: { path: 'museum', timeZone: 'Pacific/Kiritimati' } });
    const moved = await eventually('the display has heard of it', async () => {
      const found = await hoursOf('moved');
      return found.timeZone === 'Pacific/Kiritimati' && found;
    });
    // Fourteen hours ahead of UTC, without daylight saving.
    const local = new Date(Date.parse(moved.nextSwitching.at) + 14 * 3_600_000).toISOString().slice(11, 16);
    expect(local).toBe(moved.nextSwitching.power === 'ON' ? ON : OFF);
    expect(moved.nextSwitching.at).not.toBe(before.at);
    await clock.switch(new Date());
    expect(await switchingsOf('moved')).toEqual([]);
    await clock.switch(new Date(moved.nextSwitching.at));
    await isSwitched('moved', moved.nextSwitching.power);
    const said = `${moved.nextSwitching.power === 'ON' ? 'opens' : 'closes'} at ${local} (Pacific/Kiritimati)`;
    expect((await switchingsOf('moved')).map(({ reason }) => reason)).toEqual([said]);
    await estate.wheelhouse.query(text, { input: { path: 'museum', timeZone: null } });
  });
});
