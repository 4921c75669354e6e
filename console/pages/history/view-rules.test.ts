import { describe, expect, it } from 'vitest';
import { zoneBelow } from '../../data/use-sites.ts';
import { fittingStep, readView, writeView } from './view-rules.ts';

const read = (text: string) => readView(new URLSearchParams(text));

describe('what is shown of the past', () => {
  it('is kept in the address, without what is as usual', () => {
    const text = 'site=museum&by=device&step=week&system=fida&degraded=as_offline&blind=as_online&sort=-offline';
    const view = read(text);
    expect(view).toEqual({
      ...{ by: 'DEVICE', step: 'WEEK', system: 'FIDA', sort: { by: 'offline', isDescending: true } },
      counting: { degraded: 'AS_OFFLINE', unknown: 'LEFT_OUT', blind: 'AS_ONLINE' },
    });
    expect(`${writeView(view, new URLSearchParams('site=museum'))}`).toBe(text);
    expect(`${writeView(read(''), new URLSearchParams(text))}`).toBe('site=museum');
  });

  it('is as usual where the address says it wrongly', () => {
    expect(read('by=DEVICE&step=hour&system=x&degraded=maybe&sort=colour')).toEqual(read(''));
  });
});

it.each([
  ['2026-11-01T00:00Z', '2026-12-01T00:00Z', 'DAY'],
  ['2026-01-01T00:00Z', '2026-12-01T00:00Z', 'WEEK'],
  ['2020-01-01T00:00Z', '2026-12-01T00:00Z', 'MONTH'],
])('from %s to %s the step is %s', (from, to, step) => expect(fittingStep(new Date(from), new Date(to))).toBe(step));

describe('days are those', () => {
  const sites = ['museum/foyer', 'museum/hall'].map((path) => ({ path, timeZone: 'Africa/Cairo' }));
  it('of the site, or of the zone that all sites have', () => {
    expect([zoneBelow(sites, 'museum'), zoneBelow(sites, null)]).toEqual(['Africa/Cairo', 'Africa/Cairo']);
  });
  it('of a chosen site that has none below', () => {
    const other = { path: 'museum/annex', timeZone: 'UTC' };
    expect(zoneBelow([...sites, other], 'museum/annex')).toBe('UTC');
  });
  it('of the viewer where the sites have several', () => {
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    expect(zoneBelow([...sites, { path: 'rig', timeZone: 'Asia/Tokyo' }], null)).toBe(own);
  });
});
