import { describe, expect, it } from 'vitest';
import { readFilters, writeFilters } from './filters.ts';

const read = (text: string) => readFilters(new URLSearchParams(text));

describe('the filters of the list', () => {
  it('are what the address says', () => {
    expect(read('q=hall&status=degraded,offline&system=fida&site=museum/hall-2&sort=-name')).toEqual({
      search: 'hall',
      statuses: ['OFFLINE', 'DEGRADED'],
      system: 'FIDA',
      site: 'museum/hall-2',
      sort: { by: 'name', isDescending: true },
    });
  });

  it('come back from the address that they make', () => {
    const filters = read('q=a b&status=unknown&system=qsys&site=x&sort=-site');
    expect(readFilters(writeFilters(filters, new URLSearchParams()))).toEqual(filters);
  });

  it('leave out of the address what is as by default, and leave in it what is not theirs', () => {
    const plain = writeFilters(read(''), new URLSearchParams('q=old&tab=two'));
    expect(plain.toString()).toBe('tab=two');
  });

  it('count as not said what is said wrongly', () => {
    expect(read('status=OFFLINE,burning,offline&system=toaster&sort=-colour')).toEqual({
      ...read(''),
      statuses: ['OFFLINE'],
    });
  });

  it('are no longer than the graph takes', () => {
    expect(read(`q=${'x'.repeat(200)}`).search).toHaveLength(100);
  });
});
