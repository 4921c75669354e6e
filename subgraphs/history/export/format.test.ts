import { describe, expect, it } from 'vitest';
import { rowWriter } from './format.ts';

describe('rows as CSV', () => {
  const { header, row, contentType } = rowWriter('csv', ['name', 'value']);

  it('follow RFC 4180', () => {
    expect(contentType).toBe('text/csv; charset=utf-8; header=present');
    expect(header).toBe('name,value\r\n');
    expect(row(['plain', 1.5])).toBe('plain,1.5\r\n');
    expect(row(['a, "b"', null])).toBe('"a, ""b""",\r\n');
    expect(row(['two\r\nlines', 0])).toBe('"two\r\nlines",0\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1+1', '＠SUM(A1)'])(
    'hold no formula: %j',
    (text) => {
      expect([`'${text},1\r\n`, `"'${text}",1\r\n`]).toContain(row([text, 1]));
    },
  );

  it('keep numbers as they are, below zero too', () => {
    expect(row(['a', -1.5])).toBe('a,-1.5\r\n');
    expect(row(['a', 1e21])).toBe('a,1e+21\r\n');
    expect(row(['a', 0.1 + 0.2])).toBe('a,0.30000000000000004\r\n');
  });
});

it('rows as NDJSON are an object each, with text as it is', () => {
  const { header, row, contentType } = rowWriter('ndjson', ['name', 'value']);
  expect([header, contentType]).toEqual(['', 'application/x-ndjson; charset=utf-8']);
  expect(row(['=1+1 "ü"\n', -1])).toBe('{"name":"=1+1 \\"ü\\"\\n","value":-1}\n');
  expect(row([null, 2])).toBe('{"name":null,"value":2}\n');
});
