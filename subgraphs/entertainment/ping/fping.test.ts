import { describe, expect, it } from 'vitest';
import { readFping, tryByFping } from './fping.ts';
import type { ProgramEnd } from './run-program.ts';

// As fping 5.1 writes them.
const STDOUT = `127.0.0.1 : [0], 64 bytes, 0.269 ms (0.269 avg, 0% loss)
10.9.9.9  : [0], timed out (NaN avg, 100% loss)
10.9.9.10 : [0], timed out (NaN avg, 100% loss)
`;
const STDERR = `ICMP Host Unreachable from 10.9.0.1 for ICMP Echo sent to 10.9.9.10

127.0.0.1   : 0.269
::1         : 12.5
10.9.9.9    : -
10.9.9.10   : -
10.99.9.9   : -
`;
const said = (stderr: string, stdout = '') => [...readFping({ stdout, stderr }, ['10.0.0.1']).values()][0];

describe("fping's output", () => {
  it('tells answers, silence, and what could not be sent', () => {
    const addresses = ['127.0.0.1', '::1', '10.9.9.9', '10.9.9.10', '10.99.9.9', '10.0.0.1'];
    expect(Object.fromEntries(readFping({ stdout: STDOUT, stderr: STDERR }, addresses))).toEqual({
      '127.0.0.1': { kind: 'answered', roundTripTimeMs: 0.269 },
      '::1': { kind: 'answered', roundTripTimeMs: 12.5 },
      '10.9.9.9': { kind: 'noAnswer', told: null },
      '10.9.9.10': { kind: 'noAnswer', told: '10.9.0.1 says: Host Unreachable' },
      '10.99.9.9': { kind: 'notSent', text: 'the echo request was not sent: there is no way to it from here' },
      '10.0.0.1': { kind: 'notSent', text: 'the echo request was not sent: fping did not say' },
    });
  });

  it('tells why an address is none', () => {
    const stderr = 'fe80::1%nosuch: Name or service not known\n';
    expect([...readFping({ stdout: '', stderr }, ['fe80::1%nosuch']).values()]).toEqual([
      { kind: 'notSent', text: 'the echo request was not sent: Name or service not known' },
    ]);
  });

  it.each([
    ['nothing', ''],
    ['half a line, which may be half a number', '10.0.0.1 : 12'],
    ['another address', '10.0.0.11 : 12.5\n'],
    ['a number in another locale', '10.0.0.1 : 12,5\n'],
    ['a negative number', '10.0.0.1 : -1\n'],
    ['a number too large for one', '10.0.0.1 : 1e9\n'],
    ['more tries than were asked for', '10.0.0.1 : 12.5 -\n'],
    ['binary data', '\0\ufffd10.0.0.1 : \u0007\n'],
    ['another program', 'Usage: fping [options] [targets...]\n'],
  ])('is no answer and no silence when it is %s', (_what, stderr) => {
    expect(said(stderr)).toMatchObject({ kind: 'notSent' });
  });

  it('takes what is not answered for silent where it was not asked to tell', () => {
    const stderr = '10.0.0.1 : -\n10.0.0.2 : 1.5\n';
    const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
    expect([...readFping({ stdout: '', stderr }, addresses, false).values()].map(({ kind }) => kind)).toEqual([
      'noAnswer',
      'answered',
      'notSent',
    ]);
  });

  it('is no silence when the line that says so is cut off', () => {
    expect(said('10.0.0.1 : -\n', '10.0.0.1 : [0], timed out')).toMatchObject({ kind: 'notSent' });
    expect(said('10.0.0.1 : -\n', '10.0.0.1 : [0], timed out (NaN avg, 100% loss)\n')).toMatchObject({
      kind: 'noAnswer',
    });
  });
});

describe('a run of fping', () => {
  const tryWith = async (end: ProgramEnd, intervalMs = 9.6) => {
    const runs: { args: readonly string[]; withinMs: number }[] = [];
    const outcome = await tryByFping(
      (_file, args, { withinMs }) => {
        runs.push({ args, withinMs });
        return Promise.resolve(end);
      },
      'fping',
      ['127.0.0.1', '10.9.9.9'],
      { timeoutMs: 300, intervalMs, isTelling: true, signal: new AbortController().signal },
    );
    return { outcome, runs };
  };
  const ended = (exitCode: number | null, stderr = ''): ProgramEnd => ({ kind: 'ended', exitCode, stdout: '', stderr });

  it.each([
    [9.6, '9'],
    [1, '1'],
    [0.8, '1'],
  ])('asks every address once, %f ms apart in whole milliseconds from 1: %s', async (intervalMs, given) => {
    const { runs } = await tryWith(ended(0), intervalMs);
    expect(runs).toEqual([
      {
        args: ['-C', '1', '-t', '300', '-p', '300', '-i', given, '127.0.0.1', '10.9.9.9'],
        withinMs: 2 * Number(given) + 300 + 3_000,
      },
    ]);
  });

  it.each([0, 1, 2])('is read when it ends with %i', async (exitCode) => {
    const { outcome } = await tryWith(ended(exitCode, '127.0.0.1 : 1.5\n'));
    expect(outcome).toBeInstanceOf(Map);
  });

  it.each<[string, ProgramEnd, string, string]>([
    ['is not installed', { kind: 'notStarted', code: 'ENOENT', text: 'x' }, 'TOOL_MISSING', 'fping is not installed'],
    [
      'may not be run',
      { kind: 'notStarted', code: 'EACCES', text: 'x' },
      'TOOL_FORBIDDEN',
      'fping may not be run (EACCES)',
    ],
    [
      'has capabilities that the process may not have',
      { kind: 'notStarted', code: 'EPERM', text: 'x' },
      'TOOL_FORBIDDEN',
      'fping may not be run (EPERM)',
    ],
    [
      'can not be started',
      { kind: 'notStarted', code: 'EAGAIN', text: 'spawn' },
      'TOOL_FAILED',
      "can't be started: spawn",
    ],
    [
      'gets no socket',
      ended(4, "fping: can't create socket (must run as root?)\n"),
      'TOOL_FORBIDDEN',
      'may not send ICMP: fping: can',
    ],
    [
      'does not know an option',
      ended(3, 'fping: invalid option\n'),
      'TOOL_FAILED',
      'fping failed: fping: invalid option',
    ],
    ['is killed', ended(null), 'TOOL_FAILED', 'it was killed'],
    ['hangs', { kind: 'late' }, 'TOOL_FAILED', 'did not end in time'],
    ['is called off', { kind: 'cancelled' }, 'CANCELLED', 'cut off'],
  ])('has no findings when fping %s', async (_what, end, code, text) => {
    const { outcome } = await tryWith(end);
    expect(outcome).toMatchObject({ kind: 'toolFault', code, text: expect.stringContaining(text) });
  });
});
