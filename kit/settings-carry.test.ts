import { describe, expect, it, vi } from 'vitest';
import { type Carried, carryOut, type SettingsPort } from './settings-carry.ts';
import type { SettingsValues } from './settings-changes.ts';
import type { SetAnswer, SettingsReading } from './settings-rules.ts';

const silent = { kind: 'silent', detail: 'no answer' } as const;
const accepted = { kind: 'accepted' } as const;

/** A subject that does what a test says when it is told something, and remembers what it was told. */
function aSubject(values: SettingsValues, obey: (wanted: SettingsValues, subject: Subject) => SetAnswer) {
  const subject: Subject = { values, told: [], isSilent: false };
  const read = (): Promise<SettingsReading> => {
    const seen = { ...subject.values };
    const holds = (wanted: SettingsValues) => Object.entries(wanted).every(([name, value]) => seen[name] === value);
    return Promise.resolve(subject.isSilent ? silent : { kind: 'read', values: seen, holds });
  };
  const set = (wanted: SettingsValues): Promise<SetAnswer> => {
    subject.told.push(wanted);
    return Promise.resolve(obey(wanted, subject));
  };
  return { subject, port: { read, set } };
}
type Subject = { values: SettingsValues; told: SettingsValues[]; isSilent: boolean };

const obeys = (wanted: SettingsValues, subject: Subject): SetAnswer => {
  subject.values = { ...subject.values, ...wanted };
  return accepted;
};
const change: Carried = { wanted: { level: 40 }, expected: null, sentAt: null };
const SETTLE_MS = 300;

const carry = (port: SettingsPort, carried = change, overrides = {}) =>
  carryOut(port, carried, {
    ...{ settleMs: SETTLE_MS, signal: new AbortController().signal, onSent: () => {} },
    ...{ begin: () => Promise.resolve(true), mayGoOn: () => Promise.resolve(true), ...overrides },
  });

describe('a change that is carried out', () => {
  it('is sent once to who obeys, after what it was has been kept', async () => {
    const { subject, port } = aSubject({ level: 70 }, obeys);
    const begin = vi.fn((before: SettingsValues) => {
      expect(subject.told).toEqual([]);
      return Promise.resolve(before.level === 70);
    });
    expect(await carry(port, change, { begin })).toMatchObject({ state: 'APPLIED', readBack: { level: 40 } });
    expect(subject.told).toEqual([{ level: 40 }]);
  });

  it('is not sent when it is no longer ours', async () => {
    const { subject, port } = aSubject({ level: 70 }, obeys);
    expect(await carry(port, change, { begin: () => Promise.resolve(false) })).toBeNull();
    expect(subject.told).toEqual([]);
  });

  it('is waited for where the subject obeys late', async () => {
    const { subject, port } = aSubject({ level: 70 }, (wanted, late) => {
      setTimeout(() => obeys(wanted, late), SETTLE_MS / 2);
      return accepted;
    });
    expect(await carry(port)).toMatchObject({ state: 'APPLIED' });
    expect(subject.told).toHaveLength(1);
  });

  it('ends as a MISMATCH where it is accepted and ignored', async () => {
    const { subject, port } = aSubject({ level: 70 }, () => accepted);
    expect(await carry(port)).toMatchObject({ state: 'MISMATCH', readBack: { level: 70 } });
    expect(subject.told).toHaveLength(1);
  });

  it('is not sent again when the answer was lost and the values took effect', async () => {
    const { subject, port } = aSubject({ level: 70 }, (wanted, told) => {
      obeys(wanted, told);
      return silent;
    });
    expect(await carry(port)).toMatchObject({ state: 'APPLIED' });
    expect(subject.told).toHaveLength(1);
  });

  it('is sent once more when it was not answered and took no effect', async () => {
    const { subject, port } = aSubject({ level: 70 }, (wanted, told) =>
      told.told.length === 1 ? silent : obeys(wanted, told),
    );
    expect(await carry(port)).toMatchObject({ state: 'APPLIED' });
    expect(subject.told).toHaveLength(2);
  });

  it('is not sent a third time', async () => {
    const { subject, port } = aSubject({ level: 70 }, () => silent);
    expect(await carry(port)).toMatchObject({ state: 'MISMATCH' });
    expect(subject.told).toHaveLength(2);
  });

  it('is not sent again when it has come into other hands meanwhile', async () => {
    const { subject, port } = aSubject({ level: 70 }, () => silent);
    expect(await carry(port, change, { mayGoOn: () => Promise.resolve(false) })).toBeNull();
    expect(subject.told).toHaveLength(1);
  });

  it('is UNREACHABLE where the subject dies of it', async () => {
    const { subject, port } = aSubject({ level: 70 }, (_wanted, dying) => {
      dying.isSilent = true;
      return silent;
    });
    expect(await carry(port)).toMatchObject({ state: 'UNREACHABLE', code: 'NO_ANSWER' });
    expect(subject.told).toHaveLength(1);
  });

  it('is not sent to who is silent', async () => {
    const { subject, port } = aSubject({ level: 70 }, obeys);
    subject.isSilent = true;
    expect(await carry(port)).toMatchObject({ state: 'UNREACHABLE' });
    expect(subject.told).toEqual([]);
  });
});

describe('a change whose worker died in the midst of it', () => {
  const begunAt = (agoMs: number): Carried => ({ ...change, sentAt: new Date(Date.now() - agoMs) });

  it('is not sent again when it took effect', async () => {
    const { subject, port } = aSubject({ level: 40 }, obeys);
    expect(await carry(port, begunAt(60_000))).toMatchObject({ state: 'APPLIED', detail: null });
    expect(subject.told).toEqual([]);
  });

  it('is sent when it took no effect', async () => {
    const { subject, port } = aSubject({ level: 70 }, obeys);
    expect(await carry(port, begunAt(60_000))).toMatchObject({ state: 'APPLIED' });
    expect(subject.told).toHaveLength(1);
  });

  it('is not sent before a slow subject has had its time', async () => {
    const { subject, port } = aSubject({ level: 70 }, obeys);
    setTimeout(() => obeys({ level: 40 }, subject), SETTLE_MS / 2);
    expect(await carry(port, begunAt(0))).toMatchObject({ state: 'APPLIED' });
    expect(subject.told).toEqual([]);
  });

  it('is not waited for longer where the clock of who sent it was ahead', async () => {
    const { port } = aSubject({ level: 70 }, () => accepted);
    const aborter = new AbortController();
    const late = setTimeout(() => aborter.abort(new Error('it waits for an hour')), 20 * SETTLE_MS);
    const outcome = await carry(port, begunAt(-3_600_000), { signal: aborter.signal });
    clearTimeout(late);
    expect(outcome).toMatchObject({ state: 'MISMATCH' });
  });

  it('is UNREACHABLE when nobody answers, since it may have taken effect', async () => {
    const { subject, port } = aSubject({ level: 70 }, obeys);
    subject.isSilent = true;
    const outcome = await carry(port, begunAt(60_000));
    expect(outcome).toMatchObject({ state: 'UNREACHABLE', detail: expect.stringContaining('not known') });
    expect(subject.told).toEqual([]);
  });
});

it('a change that is cut off by our own stop has no outcome', async () => {
  const aborter = new AbortController();
  const { port } = aSubject({ level: 70 }, () => {
    aborter.abort(new Error('stopping'));
    return silent;
  });
  await expect(carry(port, change, { signal: aborter.signal })).rejects.toThrow('stopping');
});

describe('a change that does something each time it is sent', () => {
  const once = (obey: Parameters<typeof aSubject>[1]) => {
    const { subject, port } = aSubject({ level: 70 }, obey);
    return { subject, port: { ...port, isOnce: true } };
  };
  const IN_DOUBT = { state: 'UNREACHABLE', code: 'MAY_HAVE_TAKEN_EFFECT', readBack: { level: 70 } };

  it('is not sent again where the answer was lost and a look can not tell', async () => {
    const { subject, port } = once(() => silent);
    expect(await carry(port)).toMatchObject(IN_DOUBT);
    expect(subject.told).toHaveLength(1);
  });

  it('is not sent at all by who finds it begun', async () => {
    const { subject, port } = once(obeys);
    const sentAt = new Date(Date.now() - 60_000);
    expect(await carry(port, { ...change, sentAt })).toMatchObject(IN_DOUBT);
    expect(subject.told).toEqual([]);
  });

  it('is applied where a look finds that it took effect', async () => {
    const { subject, port } = once((wanted, told) => {
      obeys(wanted, told);
      return silent;
    });
    expect(await carry(port)).toMatchObject({ state: 'APPLIED' });
    expect(subject.told).toHaveLength(1);
  });
});

it('a subject may be given a time of its own to obey', async () => {
  const { port } = aSubject({ level: 70 }, (wanted, late) => {
    setTimeout(() => obeys(wanted, late), SETTLE_MS);
    return accepted;
  });
  expect(await carry({ ...port, settleMs: 10 * SETTLE_MS }, change, { settleMs: 0 })).toMatchObject({
    state: 'APPLIED',
  });
});
