import { describe, expect, it } from 'vitest';
import { factsOf } from './facts.ts';
import { type Section, sections, sectionsOf } from './sections.ts';
import { trailOf } from './trail.ts';
import type { PageDevice } from './use-device.ts';

const aDisplay = (overrides: Partial<Extract<PageDevice, { __typename: 'FidaDisplay' }>> = {}) => ({
  __typename: 'FidaDisplay' as const,
  ...{
    id: 'a',
    name: 'Foyer',
    system: 'FIDA' as const,
    site: 'museum/foyer',
    address: null,
    externalId: null,
    tags: [],
  },
  ...{
    status: 'ONLINE' as const,
    statusSince: '2026-11-26T12:00:00Z',
    statusReason: null,
    observedAt: null,
    stale: false,
  },
  ...{ removedAt: null, parents: [], viewerCan: { edit: false, set: false, readHistory: true } },
  ...{ power: null, brightnessPercent: null, inputSource: '', temperatureCelsius: null, signalPresent: null },
  ...{ model: null, serialNumber: null, firmware: null, profile: null, backlightHours: null, problems: [] },
  ...{ measuredAt: null, lookProblem: null, timeZone: null },
  ...overrides,
});
const aSection = (name: string, overrides: Partial<Section> = {}): Section => ({
  ...{ name, title: name, order: 10, Content: sections[0]?.Content as Section['Content'] },
  ...overrides,
});
const namesOf = (all: readonly Section[], isPast: boolean): string[] =>
  sectionsOf(all, aDisplay(), isPast).map(({ name }) => name);

describe('the sections of a device', () => {
  it('are those of its type, in the present or in the past', () => {
    const all = [
      aSection('all'),
      aSection('displays', { types: ['FidaDisplay'], when: 'both' }),
      aSection('sound', { types: ['AudioCore'] }),
      aSection('then', { when: 'past' }),
    ];
    expect(namesOf(all, false)).toEqual(['all', 'displays']);
    expect(namesOf(all, true)).toEqual(['displays', 'then']);
  });

  it('are those that the viewer has the right to', () => {
    expect(namesOf([aSection('a', { right: 'set' }), aSection('b', { right: 'readHistory' })], false)).toEqual(['b']);
  });

  it('stand in their order, and settings are among them', () => {
    const orders = sections.map(({ order }) => order);
    expect(orders).toEqual(orders.toSorted((a, b) => a - b));
    expect(namesOf(sections, false)).toContain('settings');
    expect(namesOf(sections, true)).not.toContain('settings');
  });
});

describe('what a device is doing', () => {
  it('is five values of a display at most, and none is made up', () => {
    const facts = factsOf(aDisplay({ power: 'OFF', brightnessPercent: 0, signalPresent: false }));
    expect(facts.map(({ value }) => value)).toEqual(['Off', '0', null, 'None', null]);
  });

  it('has a temperature in tenths of a degree', () => {
    expect(factsOf(aDisplay({ temperatureCelsius: 43.75 })).at(-1)).toEqual({
      ...{ label: 'Temperature', value: '43.8', unit: '°C' },
    });
  });
});

it('leads from the list over each place to the device', () => {
  expect(trailOf('museum/hall 2').map(({ text, to }) => `${text} ${to}`)).toEqual([
    'Devices /devices',
    'museum /devices?site=museum',
    'hall 2 /devices?site=museum%2Fhall+2',
  ]);
});
