import { describe, expect, it } from 'vitest';
import { ExportRefusedError, parseExport } from './params.ts';

const RANGE = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z';
const read = (query: string, accept?: string) => parseExport(new URLSearchParams(query), accept);

function refusalOf(query: string, accept?: string): ExportRefusedError {
  try {
    read(query, accept);
  } catch (err) {
    if (err instanceof ExportRefusedError) return err;
    throw err;
  }
  throw new Error('it was taken');
}

describe('the parameters of an export', () => {
  it('are from and to at least: hourly samples of everything, as CSV', () => {
    expect(read(RANGE)).toEqual({
      kind: 'samples',
      from: new Date('2026-11-01T00:00:00Z'),
      to: new Date('2026-12-01T00:00:00Z'),
      step: 'HOUR',
      format: 'csv',
      deviceIds: null,
      sites: null,
      systems: null,
      metrics: null,
    });
  });

  it('are of availability by the day, where that is asked for', () => {
    expect(read(`${RANGE}&kind=availability`)).toMatchObject({ kind: 'availability', step: 'DAY' });
    expect(read(`${RANGE}&kind=availability&step=WEEK`)).toMatchObject({ step: 'WEEK' });
  });

  it('narrow it, each as often as wanted', () => {
    const query = `${RANGE}&step=DAY&format=ndjson&device=a&device=b&device=a&site=museum&system=FIDA&metric=x&metric=y`;
    expect(read(query)).toMatchObject({
      ...{ step: 'DAY', format: 'ndjson' },
      ...{ deviceIds: ['a', 'b'], sites: ['museum'], systems: ['FIDA'], metrics: ['x', 'y'] },
    });
  });

  it('take a time with a zone whose plus was not encoded', () => {
    expect(read('from=2026-11-01T02:00:00+02:00&to=2026-11-02T00:00:00Z').from).toEqual(
      new Date('2026-11-01T00:00:00Z'),
    );
  });

  it('may span 400 days, and not a millisecond more', () => {
    expect(read('from=2026-01-01T00:00:00Z&to=2027-02-05T00:00:00Z').to).toEqual(new Date('2027-02-05T00:00:00Z'));
    expect(refusalOf('from=2026-01-01T00:00:00Z&to=2027-02-05T00:00:00.001Z')).toMatchObject({
      parameter: 'to',
      message: 'to must lie at most 400 days behind from',
    });
  });

  it.each([
    ['', 'from', /^from must be given: RFC 3339/],
    ['from=2026-11-01T00:00:00Z', 'to', /^to must be given: RFC 3339/],
    ['from=yesterday&to=2026-11-01T00:00:00Z', 'from', /^from is no time\. .*RFC 3339.*got "yesterday"$/],
    ['from=2026-02-30T00:00:00Z&to=2026-11-01T00:00:00Z', 'from', /^from is no time/],
    ['from=0000-01-01T00:00:00Z&to=0000-02-01T00:00:00Z', 'from', /^from must lie in the years 1970 to 2999$/],
    ['from=2999-12-31T00:00:00Z&to=3000-01-01T00:00:00Z', 'to', /^to must lie in the years 1970 to 2999$/],
    ['from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', 'from', /^from must lie before to$/],
    ['from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00Z', 'from', /^from must lie before to$/],
    [`${RANGE}&from=2026-11-01T00:00:00Z`, 'from', /^from must be given once$/],
    [`${RANGE}&step=WEEK`, 'step', /^step must be HOUR or DAY for samples$/],
    [`${RANGE}&step=`, 'step', /^step must be HOUR or DAY for samples$/],
    [`${RANGE}&kind=readings`, 'kind', /^kind must be samples or availability$/],
    [`${RANGE}&kind=availability&step=HOUR`, 'step', /^step must be DAY or WEEK or MONTH for availability$/],
    [`${RANGE}&kind=availability&metric=x`, 'metric', /^metric is for samples: availability has none$/],
    [`${RANGE}&format=xlsx`, 'format', /^format must be csv or ndjson$/],
    [`${RANGE}&device=`, 'device', /^device must not be empty$/],
    [`${RANGE}&site=${'x'.repeat(501)}`, 'site', /^site must have at most 500 characters$/],
    [`${RANGE}&metric=a%00b`, 'metric', /^metric holds characters that no text has$/],
    [`${RANGE}${'&device=a'.repeat(1_001)}`, 'device', /^device may be given 1000 times at most$/],
    [`${RANGE}&devices=a`, 'devices', /^there is no parameter of that name; there are kind, from, to, .*device/],
  ])('are refused as %j, with the name and the limit', (query, parameter, message) => {
    const refusal = refusalOf(query);
    expect([refusal.parameter, refusal.status]).toEqual([parameter, 400]);
    expect(refusal.message).toMatch(message);
  });

  it.each([
    [undefined, 'csv'],
    ['*/*', 'csv'],
    ['text/html, */*;q=0.8', 'csv'],
    ['text/csv;q=0.9', 'csv'],
    ['application/x-ndjson', 'ndjson'],
  ])('leave the format to the header Accept: %j', (accept, format) => {
    expect(read(RANGE, accept).format).toBe(format);
    expect(read(`${RANGE}&format=csv`, accept).format).toBe('csv');
  });

  it('and a header Accept that allows neither are refused', () => {
    expect(refusalOf(RANGE, 'application/json')).toMatchObject({
      status: 406,
      message: 'Accept must allow text/csv or application/x-ndjson',
    });
  });
});
