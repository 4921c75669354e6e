import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SettableDisplays, startSettableDisplays } from './settings-graph.ts';

let estate: SettableDisplays;
beforeAll(async () => {
  estate = await startSettableDisplays(
    [
      { name: 'fida' },
      { name: 'lg', profile: 'lg-commercial' },
      { name: 'sign', profile: 'ntcip-1203' },
      { name: 'removed' },
    ],
    { WHEELHOUSE_SWEEP_SECONDS: '3600' },
  );
});
afterAll(async () => {
  for (const name of ['fida', 'lg', 'sign', 'removed']) expect(estate.displayOf(name).setsReceived).toBe(0);
  await estate.close();
});

const errorsOf = (answer: { userErrors: { field: string | null; code: string; message: string }[] }) =>
  answer.userErrors.map(({ field, code, message }) => `${field} ${code}: ${message}`);

describe('a setting', () => {
  it.each([
    [
      'fida',
      { brightnessPercent: 101 },
      'brightnessPercent OUT_OF_RANGE',
      /from 0 to 100 for profile wheelhouse-fida, and is 101$/,
    ],
    ['fida', { brightnessPercent: -1 }, 'brightnessPercent OUT_OF_RANGE', /from 0 to 100/],
    ['fida', { brightnessPercent: 40.5 }, 'brightnessPercent INVALID', /whole number from 0 to 100/],
    [
      'fida',
      { inputSource: 'SCART' },
      'inputSource OUT_OF_RANGE',
      /one of HDMI1, HDMI2, .* for profile wheelhouse-fida, and is "SCART"$/,
    ],
    ['fida', { inputSource: '' }, 'inputSource OUT_OF_RANGE', /one of HDMI1/],
    ['lg', { brightnessPercent: 200 }, 'brightnessPercent OUT_OF_RANGE', /for profile lg-commercial/],
    ['sign', { inputSource: 'HDMI1' }, 'inputSource NOT_SETTABLE', /can't be set on profile ntcip-1203/],
    [
      'fida',
      { power: 'OFF', expected: { brightnessPercent: 900 } },
      'expected.brightnessPercent OUT_OF_RANGE',
      /from 0 to 100/,
    ],
  ])('of %s that is %j names its field and the range for that profile', async (name, input, fault, message) => {
    const answer = await estate.set(name, input);
    expect(answer.settingsChange).toBeNull();
    expect(errorsOf(answer)).toEqual([expect.stringMatching(new RegExp(`^input\\.${fault}: `))]);
    expect(answer.userErrors[0].message).toMatch(message);
    expect(answer.display.settingsVersion).toBe(0);
  });

  it('is told with all its faults at once', async () => {
    const answer = await estate.set('fida', { brightnessPercent: 101, inputSource: 'SCART' });
    expect(errorsOf(answer)).toHaveLength(2);
  });

  it.each([
    [{ brightnessPercent: 'bright' }, /brightnessPercent/],
    [{ power: 'DIM' }, /DisplayPower/],
    [{ power: true }, /DisplayPower/],
    [{ inputSource: 7 }, /inputSource/],
    [{ colour: 'red' }, /colour/],
    [{ waitMs: 1.5 }, /waitMs/],
  ])('of another type, %j, is refused as a whole', async (input, message) => {
    await expect(estate.set('fida', input)).rejects.toThrow(message);
  });
});

describe('a request', () => {
  it.each([
    [{}, 'input INVALID: nothing to set: give at least one of power, brightnessPercent, inputSource'],
    [{ power: null, brightnessPercent: null }, 'input INVALID: nothing to set'],
    [{ power: 'ON', reason: 'x'.repeat(501) }, 'input.reason INVALID: reason must have at most 500 characters'],
    [{ power: 'ON', reason: 'a\u0000b' }, 'input.reason INVALID: reason must be well-formed text'],
    [{ power: 'ON', idempotencyKey: '' }, 'input.idempotencyKey INVALID: idempotencyKey must have 1 to 200 characters'],
    [
      { power: 'ON', idempotencyKey: 'k'.repeat(201) },
      'input.idempotencyKey INVALID: idempotencyKey must have 1 to 200',
    ],
    [{ hoursOfOperation: [], expected: { inputSource: 'a\u0000b' } }, 'input.expected INVALID: expected needs'],
    [{ power: 'ON', waitMs: -1 }, 'input.waitMs INVALID: waitMs must be 0 to 8000'],
    [{ power: 'ON', waitMs: 8001 }, 'input.waitMs INVALID: waitMs must be 0 to 8000'],
    [{ power: 'ON', expectedSettingsVersion: -1 }, 'input.expectedSettingsVersion INVALID'],
    [
      { power: 'ON', expectedSettingsVersion: 5 },
      'input.expectedSettingsVersion CONFLICT: settingsVersion is 0 by now',
    ],
  ])('%j is refused with the field and the limit', async (input, message) => {
    const answer = await estate.set('fida', input);
    expect(answer.settingsChange).toBeNull();
    expect(errorsOf(answer)).toEqual([expect.stringContaining(message)]);
  });

  it.each(['', 'nobody', "'; drop table", 'a\u0000b', '\ud800'])(
    'for %j, which there is not, is NOT_FOUND',
    async (id) => {
      const answer = await estate.setId(id, { power: 'OFF' });
      expect(errorsOf(answer)).toEqual([expect.stringMatching(/^input\.id NOT_FOUND: /)]);
      expect(answer.display).toBeNull();
    },
  );

  it('for a display that was removed is NOT_FOUND', async () => {
    const id = estate.idOf('removed');
    await estate.wheelhouse.query('mutation ($id: ID!) { removeDevice(id: $id) { removedId } }', { id });
    await expect
      .poll(async () => errorsOf(await estate.setId(id, { power: 'OFF', dryRun: true })))
      .toEqual([expect.stringMatching(/^input\.id NOT_FOUND: /)]);
  });

  it('for a display whose profile nobody knows yet says so, unless it was registered with one', async () => {
    const add = async (name: string, profile: string | null): Promise<string> => {
      const snmp = { host: '127.0.0.1', port: 1, version: 'V2C', community: 'public', profile };
      const input = { name, system: 'FIDA', site: 'museum', snmp };
      const { data } = await estate.wheelhouse.query(
        'mutation ($input: AddDeviceInput!) { addDevice(input: $input) { device { id } userErrors { message } } }',
        { input },
      );
      return data.addDevice.device.id;
    };
    const [unknown, registered] = [await add('unknown', null), await add('registered', 'wheelhouse-fida')];
    const planOf = async (id: string) => errorsOf(await estate.setId(id, { power: 'OFF', dryRun: true }));
    await expect.poll(() => planOf(registered)).toEqual([]);
    await expect
      .poll(() => planOf(unknown))
      .toEqual([expect.stringMatching(/^input\.id NOT_SETTABLE: .*has not answered yet/)]);
  });
});

describe('a request for many', () => {
  it.each([
    [[], 'input.ids INVALID: ids must have 1 to 200 items, and has 0'],
    [
      Array.from({ length: 201 }, (_, index) => `d${index}`),
      'input.ids INVALID: ids must have 1 to 200 items, and has 201',
    ],
    [['a', 'b', 'a'], 'input.ids.2 INVALID: ids has a at 0 already'],
  ])('is refused as a whole where its ids are wrong', async (ids, message) => {
    const { results, userErrors } = await estate.setMany({ ids, power: 'OFF' });
    expect(results).toEqual([]);
    expect(errorsOf({ userErrors })).toEqual([message]);
  });

  it('is refused for some where only these are wrong', async () => {
    const ids = [estate.idOf('sign'), 'nobody', estate.idOf('fida')];
    const { results } = await estate.setMany({ ids, inputSource: 'HDMI1' });
    expect(results.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(results.map(errorsOf)).toEqual([
      [expect.stringMatching(/^input\.inputSource NOT_SETTABLE: /)],
      [expect.stringMatching(/^input\.ids\.1 NOT_FOUND: /)],
      [],
    ]);
    expect(results[2].settingsChange).toMatchObject({ state: 'APPLIED', detail: expect.stringContaining('already') });
  });
});
