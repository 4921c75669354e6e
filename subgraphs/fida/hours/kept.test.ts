import { describe, expect, it } from 'vitest';
import type { About } from '../kept-settings.ts';
import { profiles } from '../profiles/registry.ts';
import { settableOf } from '../profiles/settable.ts';
import { keptHours } from './kept.ts';

const about: About = {
  ...{ timeZone: 'Europe/Berlin', profile: profiles.get('wheelhouse-fida'), now: new Date('2026-03-28T20:00:00Z') },
};
const NONE = { hoursOfOperation: [], hoursExceptions: [] };
const SUNDAY = [{ weekday: 'SUNDAY', on: '02:30', off: '05:00' }];
/** A profile that says nothing of how power is set. */
const deaf = [...profiles.values()].find((profile) => !settableOf(profile).some(({ name }) => name === 'power'));
const lacking = (): About['profile'] => {
  const [profile] = profiles.values();
  if (deaf !== undefined || profile === undefined) return deaf;
  const { power: _, ...variables } = profile.variables;
  return { ...profile, variables };
};

describe('hours on the road of settings', () => {
  it('are taken away by null, as by an empty list', () => {
    const before = { ...NONE, hoursOfOperation: SUNDAY };
    expect(keptHours.check({ hoursOfOperation: null }, before, about)).toEqual({ values: { hoursOfOperation: [] } });
  });

  it('are refused where power can not be set, and can be taken away there', () => {
    const there = { ...about, profile: lacking() };
    expect(keptHours.check({ hoursOfOperation: SUNDAY, hoursExceptions: [] }, NONE, there)).toEqual({
      faults: [
        {
          ...{ path: ['hoursOfOperation'], code: 'NOT_SETTABLE' },
          message: expect.stringMatching(/^hours of operation can not be followed: power /),
        },
      ],
    });
    expect(keptHours.check({ hoursOfOperation: [] }, { ...NONE, hoursOfOperation: SUNDAY }, there)).toHaveProperty(
      'values',
    );
  });

  it('are refused in a time zone that this version does not know', () => {
    const there = { ...about, timeZone: 'Mars/Olympus' };
    expect(keptHours.check({ hoursOfOperation: SUNDAY }, NONE, there)).toMatchObject({
      faults: [{ code: 'NOT_SETTABLE', message: expect.stringContaining('Mars/Olympus') }],
    });
  });

  it('are accepted of a display whose profile is not known yet', () => {
    expect(keptHours.check({ hoursOfOperation: SUNDAY }, NONE, { ...about, profile: undefined })).toEqual({
      values: { hoursOfOperation: [{ weekday: 'SUNDAY', on: '02:30', off: '05:00' }] },
    });
  });

  it('say when they switch next, in local time, also where the clocks jump', () => {
    expect(keptHours.effects?.({ hoursOfOperation: SUNDAY }, NONE, about)).toEqual([
      'new hours switch nothing at once',
      'its hours switch the display ON on 2026-03-29 at 03:00 (Europe/Berlin), at 2026-03-29T01:00:00.000Z',
      'then they switch it OFF on 2026-03-29 at 05:00 (Europe/Berlin), at 2026-03-29T03:00:00.000Z',
    ]);
    expect(keptHours.effects?.({ hoursOfOperation: [] }, { ...NONE, hoursOfOperation: SUNDAY }, about)).toEqual([
      'its hours never switch the display',
    ]);
  });
});
