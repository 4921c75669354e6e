import { Kind } from 'graphql';
import { describe, expect, it } from 'vitest';
import { date, dateTime, json } from './scalars.ts';

describe('DateTime', () => {
  it.each([
    ['2026-11-22T08:15:00Z', '2026-11-22T08:15:00.000Z'],
    ['2026-11-22T08:15:00.123456Z', '2026-11-22T08:15:00.123Z'],
    ['2026-11-22T10:15:00+02:00', '2026-11-22T08:15:00.000Z'],
    ['2026-11-22t08:15:00z', '2026-11-22T08:15:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('reads %s as %s', (text, instant) => {
    expect(dateTime.parseValue(text).toISOString()).toBe(instant);
    expect(dateTime.parseLiteral({ kind: Kind.STRING, value: text }).toISOString()).toBe(instant);
  });

  it.each([
    ['without a zone', '2026-11-22T08:15:00'],
    ['without a time', '2026-11-22'],
    ['without seconds', '2026-11-22T08:15Z'],
    ['on a day that the month lacks', '2026-02-30T00:00:00Z'],
    ['on February 29 of a common year', '2026-02-29T00:00:00Z'],
    ['at hour 24', '2026-11-22T24:00:00Z'],
    ['in month 13', '2026-13-01T00:00:00Z'],
    ['that is a number', 1_700_000_000],
    ['that is nothing', null],
    ['in words', 'now'],
  ])('refuses a time %s', (_name, value) => {
    expect(() => dateTime.parseValue(value)).toThrow(/RFC 3339 text with a zone/);
  });

  it('quotes no more than the beginning of what it refuses', () => {
    expect(() => dateTime.parseValue('x'.repeat(100_000))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^.{1,160}$/) }),
    );
  });

  it('writes UTC with milliseconds', () => {
    expect(dateTime.serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  });
});

describe('Date', () => {
  it.each(['2026-11-22', '2028-02-29', '2000-01-01', '2026-12-31'])('is the text %s inside and outside', (text) => {
    expect(date.parseValue(text)).toBe(text);
    expect(date.parseLiteral({ kind: Kind.STRING, value: text })).toBe(text);
    expect(date.serialize(text)).toBe(text);
  });

  it.each([
    ['on a day that the month lacks', '2026-02-30'],
    ['on February 29 of a common year', '2026-02-29'],
    ['in month 13', '2026-13-01'],
    ['in month 0', '2026-00-10'],
    ['on day 0', '2026-11-00'],
    ['on day 32', '2026-12-32'],
    ['with a time', '2026-11-22T00:00:00Z'],
    ['without zeros', '2026-1-2'],
    ['that is a number', 20_261_122],
    ['that is nothing', null],
  ])('refuses a day %s', (_name, value) => {
    const message = /^A Date is a day of the calendar such as 2026-11-22; got /;
    expect(() => date.parseValue(value)).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }));
  });

  it('is refused as a number in the text of an operation', () => {
    expect(() => date.parseLiteral({ kind: Kind.INT, value: '20261122' })).toThrow('A Date is a day of the calendar');
  });
});

describe('JSON', () => {
  it.each([[{ a: [1, 'two', null, { b: true }] }], ['text'], [0], [false], [null], [[]]])(
    'leaves %j as it is',
    (value) => {
      expect(json.serialize(value)).toEqual(value);
      expect(json.parseValue(value)).toEqual(value);
    },
  );
});
