import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './harness.ts';
import { type SettableDisplays, startSettableDisplays } from './settings-graph.ts';

type Result = { settingsChange: { state: string } };

const COUNT = 100;
const names = Array.from({ length: COUNT }, (_, index) => `d${index}`);

describe('a hundred displays that are set in one call', () => {
  let estate: SettableDisplays;
  beforeAll(async () => {
    // Two seconds for the first sweep, and none after it that would count.
    estate = await startSettableDisplays(
      names.map((name) => ({ name })),
      { WHEELHOUSE_SWEEP_SECONDS: '3600' },
    );
  }, 60_000);
  afterAll(() => estate.close());

  it('have an outcome each, in the order of the ids, and what is wrong with some concerns no other', async () => {
    estate.displayOf('d3').setFault({ kind: 'refusesSets', error: 'notWritable' });
    estate.displayOf('d5').setFault({ kind: 'silent' });
    estate.displayOf('d7').setFault({ kind: 'ignoresSets' });
    const ids = names.map(estate.idOf);
    const input = { ids, brightnessPercent: 40, reason: 'evening', waitMs: 8_000, idempotencyKey: 'evening' };
    // Under its key it is answered with the same changes, until a busy machine is done with all of them.
    const { results, userErrors } = await eventually(
      'all outcomes',
      async () => {
        const answer = await estate.setMany(input);
        return answer.results.every((result: Result) => result.settingsChange.state !== 'PENDING') && answer;
      },
      45_000,
    );
    expect(userErrors).toEqual([]);
    expect(results.map(({ id }: { id: string }) => id)).toEqual(ids);
    const states = results.map(({ settingsChange }: Result) => settingsChange.state);
    const expected: string[] = new Array(COUNT).fill('APPLIED');
    expected[3] = 'REJECTED';
    expected[5] = 'UNREACHABLE';
    expected[7] = 'MISMATCH';
    expect(states).toEqual(expected);
    expect(results[0].display).toMatchObject({ brightnessPercent: 40, settingsVersion: 1 });
    expect(names.filter((name) => estate.displayOf(name).values.brightnessPercent === 40)).toHaveLength(COUNT - 3);
  }, 60_000);

  it('cost as many statements of the server as ten', async () => {
    const costOf = async (count: number): Promise<number> => {
      const before = await estate.wheelhouse.statements('fida');
      await estate.setMany({ ids: names.slice(-count).map(estate.idOf), brightnessPercent: count, waitMs: 0 });
      return (await estate.wheelhouse.statements('fida')) - before;
    };
    await costOf(5);
    const [ten, hundred] = [await costOf(10), await costOf(90)];
    // The followed log is read as often as it grows, on a busy machine some twenty times: fewer than there are displays.
    expect(hundred).toBeLessThan(ten + 40);
    expect(ten).toBeLessThan(60);
  });

  it('are answered with the first outcomes under the same idempotency key', async () => {
    const ids = names.slice(20, 25).map(estate.idOf);
    const input = { ids, brightnessPercent: 77, idempotencyKey: 'many' };
    const first = await estate.setMany(input);
    const second = await estate.setMany(input);
    expect(first.results[0].settingsChange.state).toBe('APPLIED');
    const changes = ({ results }: typeof first) =>
      results.map(({ settingsChange }: { settingsChange: unknown }) => settingsChange);
    expect(changes(second)).toEqual(changes(first));
  });
});
