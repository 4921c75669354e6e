import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPersistedOperations, readManifest } from './persisted.ts';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const by = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });
const codeOf = (resolved: string | GraphQLError): unknown =>
  resolved instanceof GraphQLError ? resolved.extensions.code : resolved;

describe('a text', () => {
  it('is found by its hash once it was sent with it', () => {
    const { resolve } = createPersistedOperations(null);
    expect(codeOf(resolve('', by(hashOf('{ a }'))))).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(resolve('{ a }', by(hashOf('{ a }')))).toBe('{ a }');
    expect(resolve('', by(hashOf('{ a }')))).toBe('{ a }');
    expect(resolve(undefined, by(hashOf('{ a }')))).toBe('{ a }');
  });

  it('is not kept under another’s hash', () => {
    const { resolve, cache } = createPersistedOperations(null);
    expect(codeOf(resolve('{ b }', by(hashOf('{ a }'))))).toBe('BAD_REQUEST');
    void cache.set(`apq:${hashOf('{ a }')}`, '{ b }');
    expect(codeOf(resolve('', by(hashOf('{ a }'))))).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  it('is sent again where others have pushed it out', () => {
    const { resolve } = createPersistedOperations(null);
    resolve('{ a }', by(hashOf('{ a }')));
    for (let index = 0; index < 60; index += 1) {
      const text = `{ a${index} } #${'x'.repeat(100_000)}`;
      resolve(text, by(hashOf(text)));
    }
    expect(codeOf(resolve('', by(hashOf('{ a }'))))).toBe('PERSISTED_QUERY_NOT_FOUND');
  });

  it.each([null, undefined, 7, {}, { persistedQuery: null }, { persistedQuery: { version: 2, sha256Hash: 'x' } }])(
    'stands for itself where the extensions are %j',
    (extensions) => {
      expect(createPersistedOperations(null).resolve('{ a }', extensions)).toBe('{ a }');
    },
  );
});

describe('where a manifest lists the operations', () => {
  const listed = createPersistedOperations(new Map([['some-hash', '{ a }']]));

  it('they run by their hash and by their text, and no others do', () => {
    expect(listed.resolve('', by('some-hash'))).toBe('{ a }');
    expect(listed.faultOf('{ a }')).toBeNull();
    expect(listed.faultOf('{ a } ')?.extensions.code).toBe('PERSISTED_OPERATION_REQUIRED');
  });

  it('none is added by asking', async () => {
    listed.resolve('{ b }', by(hashOf('{ b }')));
    await listed.cache.set(`apq:${hashOf('{ b }')}`, '{ b }');
    expect(await listed.cache.get(`apq:${hashOf('{ b }')}`)).toBeUndefined();
    expect(listed.faultOf('{ b }')).not.toBeNull();
  });
});

describe('a manifest', () => {
  const written = async (content: string): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-manifest-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'operations.json'), content);
    return join(folder, 'operations.json');
  };

  it('is what the client preset writes', async () => {
    expect(await readManifest(await written('{"h1":"query A { a }"}'))).toEqual(new Map([['h1', 'query A { a }']]));
  });

  it.each([
    ['is not JSON', 'query', /is not JSON/],
    ['is a list', '["query { a }"]', /must be an object of texts/],
    ['has other values than texts', '{"h1":{"body":"{ a }"}}', /must be an object of texts/],
    ['has what is not GraphQL', '{"h1":"query {"}', /has under h1 what is not GraphQL/],
  ])('that %s is refused', async (_what, content, says) => {
    await expect(readManifest(await written(content))).rejects.toThrow(says);
  });

  it('that is not there is refused by the name of its setting', async () => {
    await expect(readManifest('/nowhere/operations.json')).rejects.toThrow(/ROUTER_OPERATIONS_MANIFEST.*can't be read/);
  });
});
