import { afterEach, describe, expect, it, vi } from 'vitest';
import { StopList } from './lifecycle.ts';
import { createLogger } from './logger.ts';

const lines: Record<string, unknown>[] = [];
const logger = createLogger({
  name: 'test',
  level: 'info',
  destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
});

describe('a stop list', () => {
  afterEach(() => {
    vi.useRealTimers();
    lines.length = 0;
  });

  it('closes what was opened last first, each after the one before it is closed', async () => {
    const closed: string[] = [];
    const stops = new StopList(logger);
    const close = (name: string) => async () => {
      await new Promise((resolve) => setImmediate(resolve));
      closed.push(name);
    };
    for (const name of ['database', 'queue', 'door']) expect(stops.own(name, name, close(name))).toBe(name);
    await stops.stop();
    expect(closed).toEqual(['door', 'queue', 'database']);
  });

  it('goes on past parts that fail to close, and says which', async () => {
    const closed: string[] = [];
    const stops = new StopList(logger);
    stops.own('first', null, () => closed.push('first'));
    stops.own('throwing', null, () => {
      throw new Error('broken');
    });
    stops.own('rejecting', null, () => Promise.reject(new Error('broken too')));
    await stops.stop();
    expect(closed).toEqual(['first']);
    expect(lines.map(({ part, msg }) => [part, msg])).toEqual([
      ['rejecting', 'part failed to close'],
      ['throwing', 'part failed to close'],
    ]);
  });

  it('leaves a part that hangs after ten seconds', async () => {
    vi.useFakeTimers();
    const closed: string[] = [];
    const stops = new StopList(logger);
    stops.own('first', null, () => closed.push('first'));
    stops.own('hanging', null, () => new Promise(() => {}));
    const stopped = stops.stop();
    await vi.advanceTimersByTimeAsync(9_999);
    expect(closed).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await stopped;
    expect(closed).toEqual(['first']);
    expect(lines).toMatchObject([{ part: 'hanging', msg: 'part did not close in time' }]);
  });

  it('tells work that it is to end, and closes the rest when it has ended', async () => {
    const closed: string[] = [];
    const stops = new StopList(logger);
    const aborter = new AbortController();
    const ended = Promise.withResolvers<void>();
    stops.own('database', null, () => closed.push('database'));
    stops.ownWork('work', aborter, ended.promise);
    const stopped = stops.stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(aborter.signal.reason).toEqual(new Error('the worker is stopping'));
    expect(closed).toEqual([]);
    ended.resolve();
    await stopped;
    expect(closed).toEqual(['database']);
  });

  it('closes once, however often it is asked', async () => {
    const close = vi.fn();
    const stops = new StopList(logger);
    stops.own('part', null, close);
    await Promise.all([stops.stop(), stops.stop()]);
    await stops.stop();
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('closes what a start that is under way opens meanwhile, before what is left', async () => {
    const closed: string[] = [];
    const stops = new StopList(logger);
    stops.own('database', null, () => closed.push('database'));
    stops.own('door', null, () => {
      closed.push('door');
      stops.own('late queue', null, () => closed.push('late queue'));
    });
    await stops.stop();
    expect(closed).toEqual(['door', 'late queue', 'database']);
  });
});
