import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openQueueWatch, type QueueLook } from './queue-watch.ts';

describe('a watch of queues', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** A watch whose database is in the test's hands: what is notified, and what a look finds. */
  function aWatch() {
    let listens = 0;
    let isDeaf = false;
    const heard = { onQueue: (_name: string): void => {}, onListening: (): void => {} };
    const looks: string[][] = [];
    const errors: Error[] = [];
    let answer = (names: readonly string[]): Promise<QueueLook[]> =>
      Promise.resolve(names.map((name) => ({ name, isDue: false, hasActive: false })));
    const watch = openQueueWatch({
      listen: (onQueue, onListening) => {
        listens += 1;
        if (isDeaf) return Promise.reject(new Error('deaf'));
        Object.assign(heard, { onQueue, onListening });
        return Promise.resolve({ unlisten: () => Promise.resolve() });
      },
      look: (names) => {
        looks.push([...names]);
        return answer(names);
      },
      onError: (err) => void errors.push(err),
    });
    const sleeper = (name: string, timeoutMs = 3_600_000) => {
      const ear = watch.open(name);
      const ends: boolean[] = [];
      const sleep = (): void => void ear.sleep(timeoutMs).then((isTold) => ends.push(isTold));
      sleep();
      return { ear, ends, sleep };
    };
    return {
      ...{ watch, heard, looks, errors, sleeper, answers: (next: typeof answer) => (answer = next) },
      ...{ listens: () => listens, deafen: (is: boolean) => (isDeaf = is) },
    };
  }
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  it('wakes the worker of the queue that a notification names, and no other', async () => {
    const { heard, sleeper } = aWatch();
    const [a, b] = [sleeper('a'), sleeper('b')];
    heard.onQueue('a');
    await pass(0);
    expect([a.ends, b.ends]).toEqual([[true], []]);
  });

  it('loses no notification that comes between asking and falling asleep', async () => {
    const { heard, sleeper } = aWatch();
    const a = sleeper('a');
    heard.onQueue('a');
    await pass(0);
    // Its worker asks, is told of another job meanwhile, and finds none.
    const asked = a.ear.ask(() => Promise.resolve());
    heard.onQueue('a');
    await asked;
    a.sleep();
    await pass(0);
    expect(a.ends).toEqual([true, true]);
    // What came before it asked is what it asked for.
    await a.ear.ask(() => Promise.resolve());
    a.sleep();
    await pass(0);
    expect(a.ends).toEqual([true, true]);
  });

  it('wakes when the time is over, when it is told to stop, and when it is closed', async () => {
    const { sleeper } = aWatch();
    const [timed, woken, closed] = [sleeper('a', 700), sleeper('b'), sleeper('c')];
    await pass(699);
    expect(timed.ends).toEqual([]);
    await pass(1);
    woken.ear.wake();
    closed.ear.close();
    await pass(0);
    expect([timed.ends, woken.ends, closed.ends]).toEqual([[false], [false], [false]]);
  });

  it('finds by one look at all queues every five seconds what was notified to nobody', async () => {
    const { looks, sleeper, answers } = aWatch();
    const [a, b] = [sleeper('a'), sleeper('b')];
    answers((names) => Promise.resolve(names.map((name) => ({ name, isDue: name === 'b', hasActive: false }))));
    await pass(4_999);
    expect(looks).toEqual([]);
    await pass(1);
    expect(looks).toEqual([['a', 'b']]);
    expect([a.ends, b.ends]).toEqual([[], [true]]);
    await pass(5_000);
    expect(looks).toHaveLength(2);
  });

  it('looks as soon as it listens anew: what was notified meanwhile is lost', async () => {
    const { heard, looks, sleeper } = aWatch();
    sleeper('a');
    heard.onListening();
    await pass(0);
    expect(looks).toEqual([['a']]);
  });

  it('says once that it can not look, and tries twice a second', async () => {
    const { errors, looks, sleeper, answers } = aWatch();
    const a = sleeper('a');
    answers(() => Promise.reject(new Error('away')));
    await pass(5_000 + 1_000);
    expect(looks).toHaveLength(3);
    expect(errors.map(({ message }) => message)).toEqual(['away']);
    answers((names) => Promise.resolve(names.map((name) => ({ name, isDue: true, hasActive: false }))));
    await pass(500);
    expect(a.ends).toEqual([true]);
  });

  it('lets a worker ask again soon that could not ask', async () => {
    const { sleeper } = aWatch();
    const a = sleeper('a');
    await expect(a.ear.ask(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    await pass(499);
    expect(a.ends).toEqual([]);
    await pass(1);
    expect(a.ends).toEqual([true]);
  });

  it('tries to listen again with each look until it does', async () => {
    const { sleeper, listens, deafen } = aWatch();
    deafen(true);
    sleeper('a');
    await pass(5_000);
    expect(listens()).toBe(2);
    deafen(false);
    await pass(10_000);
    expect(listens()).toBe(3);
  });

  it('lets all ask for themselves where a look is not answered', async () => {
    const { sleeper, answers } = aWatch();
    const a = sleeper('a');
    answers(() => new Promise(() => {}));
    await pass(9_999);
    expect(a.ends).toEqual([]);
    await pass(1);
    expect(a.ends).toEqual([true]);
  });

  it('takes it that jobs are in hand until a look has found none', async () => {
    const { sleeper, answers } = aWatch();
    const { ear } = sleeper('a');
    expect(ear.mayHaveActive()).toBe(true);
    await pass(5_000);
    expect(ear.mayHaveActive()).toBe(false);
    answers((names) => Promise.resolve(names.map((name) => ({ name, isDue: false, hasActive: true }))));
    await pass(5_000);
    expect(ear.mayHaveActive()).toBe(true);
  });
});
