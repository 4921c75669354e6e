import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '@wheelhouse/kit/config.ts';
import { GraphQLError, parse } from 'graphql';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { requestFault } from './faults.ts';

/** Texts that clients have registered, in characters; a client whose text is gone sends it again. */
const KEPT_CHARACTERS = 4 * 1024 * 1024;
/** A text that would push out this share of them is not kept. */
const LARGEST_SHARE = 1 / 16;

/** The only operations that run: the text of each by its hash. */
export type Manifest = ReadonlyMap<string, string>;

/** The part of a request that stands for its text: Apollo's protocol of automatic persisted queries, version 1. */
export const persistedShape = z.object({
  persistedQuery: z.object({ version: z.literal(1), sha256Hash: z.string().min(1).max(256) }),
});

/** Texts of operations that clients name by their hash. */
export type PersistedOperations = {
  /** The text that is asked for. @param query undefined or empty where only the hash was sent */
  resolve: (query: string | undefined, extensions: unknown) => string | GraphQLError;
  /** Why the text may not run; null when it may. */
  faultOf: (text: string) => GraphQLError | null;
  /** The same for Apollo Server, which does the protocol for its door. */
  cache: {
    get: (key: string) => Promise<string | undefined>;
    set: (key: string, text: string) => Promise<void>;
    delete: (key: string) => Promise<boolean>;
  };
};

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const required = (): GraphQLError =>
  requestFault('Only operations that were registered beforehand run here', 'PERSISTED_OPERATION_REQUIRED');

/**
 * The operations of a file as the client preset of GraphQL Code Generator writes it (`persistedDocuments`): JSON, each text by its
 * hash.
 *
 * @throws ConfigError that says what is wrong with the file
 */
export async function readManifest(file: string): Promise<Manifest> {
  const wrong = (reason: string): ConfigError =>
    new ConfigError(`These settings are wrong:\n  ROUTER_OPERATIONS_MANIFEST: ${file} ${reason}`);
  const text = await readFile(file, 'utf8').catch((err: unknown) => {
    throw wrong(`can't be read: ${err instanceof Error ? err.message : err}`);
  });
  const read = (): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      throw wrong('is not JSON');
    }
  };
  const parsed = z.record(z.string().min(1), z.string()).safeParse(read());
  if (!parsed.success) throw wrong('must be an object of texts by their hashes: {"<hash>": "query ..."}');
  for (const [hash, operation] of Object.entries(parsed.data)) {
    try {
      parse(operation);
    } catch (err) {
      throw wrong(`has under ${hash} what is not GraphQL: ${err instanceof Error ? err.message : err}`);
    }
  }
  return new Map(Object.entries(parsed.data));
}

/** @param manifest null: clients register what they like */
export function createPersistedOperations(manifest: Manifest | null): PersistedOperations {
  const registered = new LRUCache<string, string>({
    maxSize: KEPT_CHARACTERS,
    maxEntrySize: KEPT_CHARACTERS * LARGEST_SHARE,
    sizeCalculation: (text) => text.length + 64,
  });
  const listed = manifest === null ? null : new Set([...manifest.values()].map(hashOf));
  const find = (hash: string): string | undefined => (manifest === null ? registered.get(hash) : manifest.get(hash));
  const keep = (hash: string, text: string): void => {
    if (manifest === null && hashOf(text) === hash) registered.set(hash, text);
  };

  return {
    resolve: (query, extensions) => {
      const persisted = persistedShape.safeParse(extensions);
      if (!persisted.success) return query ?? '';
      const { sha256Hash } = persisted.data.persistedQuery;
      if (query === undefined || query === '') {
        const text = find(sha256Hash);
        if (text !== undefined) return text;
        // The words that clients of the protocol look for.
        return new GraphQLError('PersistedQueryNotFound', { extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } });
      }
      if (manifest === null && hashOf(query) !== sha256Hash) {
        return requestFault('provided sha does not match query', 'BAD_REQUEST');
      }
      keep(sha256Hash, query);
      return query;
    },
    faultOf: (text) => (listed === null || listed.has(hashOf(text)) ? null : required()),
    // Keys are `apq:` and the hash.
    cache: {
      get: (key) => Promise.resolve(find(key.slice(key.indexOf(':') + 1))),
      set: (key, text) => Promise.resolve(keep(key.slice(key.indexOf(':') + 1), text)),
      delete: () => Promise.resolve(false),
    },
  };
}
