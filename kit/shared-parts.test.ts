import { expect, it } from 'vitest';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';
import { sharedParts } from './shared-parts.ts';

const logger = createLogger({ name: 'test', level: 'silent' });

it('is opened once for a list and a key, by who asks first, and closed with the list', async () => {
  const closed: string[] = [];
  let opened = 0;
  const partOf = sharedParts<string>();
  const ask = (stops: StopList, key: string): string =>
    partOf(stops, key, () => {
      opened += 1;
      return stops.own('part', `${key}-${opened}`, (part) => closed.push(part));
    });
  const [one, other] = [new StopList(logger), new StopList(logger)];
  expect(['a', 'a', 'b'].map((key) => ask(one, key))).toEqual(['a-1', 'a-1', 'b-2']);
  expect(ask(other, 'a')).toBe('a-3');
  await one.stop();
  expect(closed).toEqual(['b-2', 'a-1']);
});
