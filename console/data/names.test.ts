import { expect, it } from 'vitest';
import { nameForPeople } from './names.ts';

it.each([
  ['brightnessPercent', '%', 'Brightness'],
  ['ambientLightLux', 'lx', 'Ambient light'],
  ['roundTripMs', 'ms', 'Round trip'],
  ['backlightHours', null, 'Backlight hours'],
  ['percent', '%', 'Percent'],
  ['Foyer Gain', 'dB', 'Foyer Gain'],
  ['psu.temp', null, 'psu.temp'],
])('%s with the unit %s reads %s', (name, unit, title) => expect(nameForPeople(name, unit)).toBe(title));
