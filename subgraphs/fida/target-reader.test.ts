import { createSealer } from '@wheelhouse/kit/sealed.ts';
import { describe, expect, it } from 'vitest';
import type { TargetRow } from './store.ts';
import { createTargetReader } from './target-reader.ts';

const sealer = createSealer('5a'.repeat(32));

const aRow = (overrides: Partial<TargetRow> & { community?: string } = {}): TargetRow => {
  const { community = 'hush', ...rest } = overrides;
  const deviceId = rest.deviceId ?? 'a';
  return {
    deviceId,
    version: 1,
    removed: false,
    site: 'museum',
    timeZone: 'UTC',
    connection: { host: '10.0.0.1', port: 161, version: 'V2C' },
    sealed: sealer.seal({ community }, deviceId),
    ...rest,
  };
};

/** A reader, and how often it has opened a secret. */
function countingReader() {
  let opened = 0;
  const read = createTargetReader({
    ...sealer,
    open: (sealed, owner) => {
      opened += 1;
      return sealer.open(sealed, owner);
    },
  });
  return { read, opened: () => opened };
}

describe('a reader of targets', () => {
  it('opens a secret once while its row stays the same', () => {
    const { read, opened } = countingReader();
    const row = aRow();
    for (let look = 0; look < 3; look += 1)
      expect(read({ ...row })).toMatchObject({ host: '10.0.0.1', community: 'hush' });
    expect(opened()).toBe(1);
  });

  it.each<[string, Partial<TargetRow> & { community?: string }]>([
    ['a newer version', { version: 2, connection: { host: '10.0.0.2', port: 161, version: 'V2C' } }],
    ['another secret, as from another registry', { community: 'loud' }],
  ])('takes a row with %s for what it says', (_name, change) => {
    const { read } = countingReader();
    read(aRow());
    const { community = 'hush', connection = aRow().connection } = change;
    expect(read(aRow(change))).toEqual({ ...connection, community });
  });

  it('reads a row without secrets each time', () => {
    const { read } = countingReader();
    const connection = { host: '10.0.0.1', port: 161, version: 'V3', user: 'operator' };
    expect(read(aRow({ sealed: null, connection }))).toEqual(connection);
    expect(read(aRow({ sealed: null, connection: { ...connection, user: 'other' } }))).toMatchObject({ user: 'other' });
  });

  it('never gives one device the secret of another', () => {
    const { read } = countingReader();
    const row = aRow();
    read(row);
    expect(() => read({ ...row, deviceId: 'b' })).toThrow('The secret of b does not open');
  });
});
