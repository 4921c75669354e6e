import { type SimulatedExhibits, startExhibits } from '@wheelhouse/simulators/exhibits/start-exhibits.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookByTcp, tryOf } from './tcp.ts';

const LIMITS = { timeoutMs: 200, retries: 1 };
const never = new AbortController().signal;

describe('a look by TCP', () => {
  let simulated: SimulatedExhibits;
  beforeAll(async () => {
    simulated = await startExhibits(['open', 'shut', 'dead'].map((name) => ({ name })));
    const [, shut, dead] = simulated.exhibits;
    await shut?.setFault({ kind: 'refusing' });
    await dead?.setFault({ kind: 'silent' });
  });
  afterAll(() => simulated.close());
  const at = (name: string) => {
    const port = simulated.exhibits.find((exhibit) => exhibit.name === name)?.port;
    if (port === undefined) throw new Error(`no exhibit ${name}`);
    return { address: '127.0.0.1', port };
  };

  it.each(['open', 'shut'])('is answered at once by a port that is %s', async (name) => {
    const look = await lookByTcp(at(name), LIMITS, never);
    expect(look).toEqual({ kind: 'answered', sent: 1, roundTripTimeMs: expect.any(Number) });
    expect(look.kind === 'answered' && look.roundTripTimeMs).toBeLessThan(LIMITS.timeoutMs);
  });

  it('is silent when nobody accepts and nobody refuses, after all tries and no later', async () => {
    const startedAt = performance.now();
    const look = await lookByTcp(at('dead'), LIMITS, never);
    expect(look).toEqual({ kind: 'silent', sent: 2, detail: 'no answer within 200 ms, 2 times' });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(395);
  });

  it('is cut off by a stop', async () => {
    const aborter = new AbortController();
    const look = lookByTcp(at('dead'), { timeoutMs: 30_000, retries: 0 }, aborter.signal);
    aborter.abort();
    expect(await look).toMatchObject({ kind: 'couldNotLook', cause: { code: 'CANCELLED' } });
    expect(await lookByTcp(at('open'), LIMITS, aborter.signal)).toMatchObject({ cause: { code: 'CANCELLED' } });
  });

  it('is answered in the try in which the port comes back, and counts the ones before as lost', async () => {
    const dead = simulated.exhibits.find(({ name }) => name === 'dead');
    const look = lookByTcp(at('dead'), { timeoutMs: 300, retries: 20 }, never);
    // The first try is on its way then, and was dropped.
    await new Promise((resolve) => setImmediate(resolve));
    await dead?.setFault(null);
    const found = await look;
    expect(found.kind).toBe('answered');
    expect(found.kind === 'answered' && found.sent).toBeGreaterThan(1);
    await dead?.setFault({ kind: 'silent' });
  });
});

it.each([
  ['ECONNREFUSED', { kind: 'answered', roundTripTimeMs: 3 }],
  ['ECONNRESET', { kind: 'answered', roundTripTimeMs: 3 }],
  ['ETIMEDOUT', { kind: 'noAnswer', told: null }],
  ['EHOSTUNREACH', { kind: 'noAnswer', told: 'host unreachable' }],
  ['EHOSTDOWN', { kind: 'noAnswer', told: 'host unreachable' }],
  ['ENETUNREACH', { kind: 'notSent', text: 'as the system says' }],
  ['ENETDOWN', { kind: 'notSent', text: 'as the system says' }],
  ['EACCES', { kind: 'notSent', text: 'as the system says' }],
  ['EMFILE', { kind: 'notSent', text: 'as the system says' }],
  [null, { kind: 'notSent', text: 'as the system says' }],
])('what %s says of a device is %j', (code, found) => {
  expect(tryOf(code, 'as the system says', 3)).toEqual(found);
});
