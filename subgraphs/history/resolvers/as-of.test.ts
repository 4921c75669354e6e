import { pruneLog } from '@wheelhouse/kit/log-table.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusChanges } from '../store/published.ts';
import { at, hoursBetween, published } from '../testing/estate.ts';
import { startHistory, type TestHistory } from '../testing/history.ts';
import { writeChange } from '../testing/settings.ts';

let history: TestHistory;
beforeAll(async () => {
  history = await startHistory();
  await history.declare('fida', ['brightnessPercent', 'temperatureCelsius']);
  await history.register([
    { deviceId: 'd1', version: 1, at: at('2026-11-01T00:00:00'), site: 'museum/hall', name: 'Foyer' },
    { deviceId: 'd1', version: 2, at: at('2026-11-10T12:00:00'), site: 'museum/lobby', name: 'Lobby' },
    { deviceId: 'd2', version: 1, at: at('2026-11-05T00:00:00'), site: 'museum/hall', name: 'quiet' },
    { deviceId: 'd1', version: 3, at: at('2026-11-20T00:00:00'), site: 'museum/lobby', name: 'Lobby', removed: true },
  ]);
  await history.change([
    { deviceId: 'd1', at: at('2026-11-01T00:01:00'), from: 'UNKNOWN', to: 'ONLINE' },
    { deviceId: 'd1', at: at('2026-11-10T10:00:00'), from: 'ONLINE', to: 'DEGRADED', reason: 'too hot' },
    { deviceId: 'd1', at: at('2026-11-11T09:00:00'), from: 'DEGRADED', to: 'OFFLINE' },
  ]);
  const sampled = hoursBetween(at('2026-11-10T00:00:00'), at('2026-11-12T00:00:00'));
  await history.append(
    'fida',
    sampled.map((hour) => ({
      subject: 'd1',
      hour,
      metrics: { brightnessPercent: hour.getUTCHours(), ...(hour.getUTCHours() < 6 && { temperatureCelsius: 30 }) },
      attributes: { power: hour.getUTCHours() < 20 ? 'ON' : 'OFF', inputSource: 'HDMI 1', firmware: '4.2.0' },
    })),
  );
  await history.append(
    'devices',
    sampled.map((hour) => ({
      subject: 'd1',
      hour,
      metrics: {},
      attributes: { status: 'DEGRADED', name: 'Foyer', site: 'museum/hall' },
    })),
  );
  for (const service of ['fida', 'devices'] as const) await history.run(service, sampled);
  await history.db
    .insert(published.fida.sampleSettings)
    .values(['power', 'inputSource', 'brightnessPercent'].map((name) => ({ name })));
  // The first day is archived, the second is not.
  await history.gather(at('2026-11-11T01:00:00'));
  const change = { subject: 'd1', state: 'APPLIED' as const, requestedAt: at('2026-11-11T10:29:00') };
  await writeChange(history.db, {
    ...{ ...change, id: 'c1', settingsVersion: 1, finishedAt: at('2026-11-11T10:30:00') },
    readBack: { brightnessPercent: 90, power: 'OFF', hoursOfOperation: [{ weekday: 'MONDAY' }] },
  });
  await writeChange(history.db, {
    ...{ ...change, id: 'c2', settingsVersion: 2, finishedAt: at('2026-11-11T10:40:00') },
    readBack: { power: 'ON' },
  });
  await writeChange(history.db, {
    ...change,
    id: 'c3',
    settingsVersion: 3,
    state: 'UNREACHABLE',
    finishedAt: at('2026-11-11T10:45:00'),
  });
});
afterAll(() => history.close());

const STATE = `asOf(at: $at) { at status statusSince statusReason name site metrics { name unit last at } settings }`;
const ask = (ids: readonly string[], text: string) => history.devices(ids, STATE, { at: ['DateTime!', text] });
const stateAt = async (time: string, id = 'd1') => {
  const { data, errors } = await ask([id], `${time}Z`);
  expect(errors).toBeUndefined();
  return data._entities[0].asOf;
};
const iso = (text: string): string => at(text).toISOString();

describe('a device as it was', () => {
  it('has the status, name and site of then, the last sample of each metric, and its settings', async () => {
    expect(await stateAt('2026-11-10T11:59:59')).toEqual({
      ...{
        at: iso('2026-11-10T11:59:59'),
        status: 'DEGRADED',
        statusSince: iso('2026-11-10T10:00:00'),
        statusReason: 'too hot',
      },
      ...{
        name: 'Foyer',
        site: 'museum/hall',
        settings: { brightnessPercent: 11, inputSource: 'HDMI 1', power: 'ON' },
      },
      metrics: [
        { name: 'brightnessPercent', unit: '%', last: 11, at: iso('2026-11-10T11:00:00') },
        { name: 'temperatureCelsius', unit: '%', last: 30, at: iso('2026-11-10T05:00:00') },
      ],
    });
  });

  it('changes with the registry and the status log, at the instant of the change', async () => {
    expect(await stateAt('2026-11-10T12:00:00')).toMatchObject({ name: 'Lobby', site: 'museum/lobby' });
    expect(await stateAt('2026-11-11T08:59:59.999')).toMatchObject({ status: 'DEGRADED' });
    expect(await stateAt('2026-11-11T09:00:00')).toMatchObject({ status: 'OFFLINE', statusReason: null });
  });

  it('has samples that are archived and samples that are not, none older than a day', async () => {
    expect((await stateAt('2026-11-11T00:30:00')).metrics[0]).toMatchObject({
      last: 0,
      at: iso('2026-11-11T00:00:00'),
    });
    const names = async (time: string) => (await stateAt(time)).metrics.map(({ name }: { name: string }) => name);
    expect(await names('2026-11-12T04:59:59')).toEqual(['brightnessPercent', 'temperatureCelsius']);
    expect(await names('2026-11-12T05:00:00')).toEqual(['brightnessPercent']);
    expect(await stateAt('2026-11-12T23:00:00')).toMatchObject({ metrics: [] });
  });

  it.each([
    [
      'before a change was read back it is what the sample said',
      '2026-11-11T10:29:59',
      { brightnessPercent: 10, inputSource: 'HDMI 1', power: 'ON' },
    ],
    [
      'what was read back is newer than the sample',
      '2026-11-11T10:30:00',
      {
        ...{ brightnessPercent: 90, hoursOfOperation: [{ weekday: 'MONDAY' }], inputSource: 'HDMI 1', power: 'OFF' },
      },
    ],
    ['of two changes the later holds', '2026-11-11T10:50:00', { brightnessPercent: 90, power: 'ON' }],
    ['the next sample is newer than what was read back', '2026-11-11T11:00:00', { brightnessPercent: 11, power: 'ON' }],
    [
      'what no sample tells stays as it was read back',
      '2026-11-15T00:00:00',
      {
        ...{ brightnessPercent: 90, hoursOfOperation: [{ weekday: 'MONDAY' }], power: 'ON' },
      },
    ],
  ])('has settings: %s', async (_fact, time, settings) => {
    expect((await stateAt(time)).settings).toMatchObject(settings);
  });

  it('is UNKNOWN since it was added where nothing changed since, and has no settings where none are known', async () => {
    expect(await stateAt('2026-11-10T00:00:00', 'd2')).toMatchObject({
      ...{ status: 'UNKNOWN', statusSince: iso('2026-11-05T00:00:00'), statusReason: null, metrics: [], settings: {} },
    });
  });

  it.each([
    ['before it was added', '2026-10-31T23:59:59.999', 'd1'],
    ['after it was removed', '2026-11-20T00:00:00', 'd1'],
    ['that was never there', '2026-11-20T00:00:00', 'nobody'],
  ])('is null %s', async (_when, time, id) => {
    expect(await stateAt(time, id)).toBeNull();
  });

  it.each([
    ['in the future', () => new Date(Date.now() + 60_000).toISOString(), /must not lie in the future/],
    ['in the year 1', () => '0001-01-01T00:00:00Z', /1970 to 2999/],
  ])('is refused %s', async (_when, time, message) => {
    const { data, errors } = await ask(['d1'], time());
    expect(data._entities[0].asOf).toBeNull();
    expect(errors).toMatchObject([
      { message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT', field: 'at' } },
    ]);
  });

  it('costs as many statements for a hundred devices as for one', async () => {
    const costOf = async (ids: string[]): Promise<number> => {
      const costs: number[] = [];
      for (let run = 0; run < 5; run += 1) {
        const before = await history.statements();
        await ask(ids, '2026-11-10T12:00:00Z');
        costs.push((await history.statements()) - before);
      }
      return Math.min(...costs);
    };
    // The entries with their statuses, the samples, what was read back, the units, what is a setting.
    expect(await costOf(['d1'])).toBe(5);
    expect(await costOf(Array.from({ length: 100 }, (_, index) => `d${index}`))).toBe(5);
  });

  it('is refused for more devices and times than one request may ask for', async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `d${index}`);
    const states = [1, 2, 3, 4, 5].map((day) => `s${day}: asOf(at: "2026-11-0${day}T00:00:00Z") { status }`).join(' ');
    const { errors } = await history.devices(ids, states);
    expect(errors?.map(({ path }) => path?.at(-1))).toEqual(ids.map(() => 's5'));
    expect(errors?.[0]).toMatchObject({
      message:
        '1000 devices with 24 each are, with what the request asks for besides, more than 100000 at once: ask for fewer devices, or at fewer times',
      extensions: { code: 'BAD_USER_INPUT', field: 'at' },
    });
  });

  it('has its status by the samples where the status log no longer reaches back so far', async () => {
    await history.change([{ deviceId: 'd2', at: at('2026-11-12T00:00:00'), from: 'UNKNOWN', to: 'ONLINE' }]);
    // What the archive keeps of them is left out: known_statuses tells the last change alone.
    const removed = await pruneLog(history.db, statusChanges, {
      time: statusChanges.at,
      before: at('2026-11-11T12:00:00'),
      limit: 100,
    });
    expect(removed).toBe(3);
    expect(await stateAt('2026-11-10T11:59:59')).toMatchObject({
      ...{
        status: 'DEGRADED',
        statusSince: null,
        statusReason: 'the status log no longer reaches back so far',
        name: 'Foyer',
      },
    });
    expect(await stateAt('2026-11-03T00:00:00')).toMatchObject({ status: 'UNKNOWN', statusSince: null });
  });
});
