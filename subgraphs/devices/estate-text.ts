import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Path, Place } from '@wheelhouse/kit/placed-yaml.ts';
import { z } from 'zod';

/** What a router lets through in one request, with room for the escapes of JSON: about five thousand devices. */
export const MAX_TEXT_BYTES = 1_000_000;
/** Below what the router waits for a subgraph, 10 s if not set otherwise. */
const READ_LIMIT_MS = 7_000;

/** Ten times of what a megabyte of YAML takes. */
const MAX_HEAP_MB = 1_000;

const placeShape = z.object({ line: z.number(), column: z.number() });
const readShape = z.union([
  z.object({ faults: z.array(placeShape.extend({ message: z.string() })) }),
  z.object({ content: z.unknown() }),
]);
const placesShape = z.object({ places: z.array(placeShape) });

export type TextFault = { message: string; place: Place | null };
export type ReadText = {
  content: unknown;
  /** Where these parts of the content stand, or what is nearest above them. */
  placesOf: (paths: readonly Path[]) => Promise<Place[]>;
};

/** The limit that an attempt to read has met; null where it failed of something else. */
function limitOf(err: unknown): string | null {
  if (!(err instanceof Error)) return null;
  if (err.name === 'AbortError') return `${READ_LIMIT_MS / 1_000} s`;
  return 'code' in err && err.code === 'ERR_WORKER_OUT_OF_MEMORY' ? `${MAX_HEAP_MB} MB of memory` : null;
}

/**
 * Reads the text of an estate file on a thread of its own, since YAML of a megabyte takes seconds, and hands it to `use`; the thread ends with
 * that.
 *
 * @returns what `use` returns, or what is wrong with the text
 */
export async function withEstateText<Result>(
  text: string,
  use: (read: ReadText) => Promise<Result>,
): Promise<Result | { textFaults: TextFault[] }> {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TEXT_BYTES) {
    const message = `content must have at most ${MAX_TEXT_BYTES} bytes, and has ${bytes}: import it in parts`;
    return { textFaults: [{ message, place: null }] };
  }
  const thread = new Worker(new URL('./estate-text-thread.ts', import.meta.url), {
    workerData: text,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const answer = async (): Promise<unknown> =>
    (await once(thread, 'message', { signal: AbortSignal.timeout(READ_LIMIT_MS) }))[0];
  try {
    let read: z.infer<typeof readShape>;
    try {
      read = readShape.parse(await answer());
    } catch (err) {
      const limit = limitOf(err);
      if (limit === null) throw err;
      const message = `content could not be read within ${limit}: import it in parts`;
      return { textFaults: [{ message, place: null }] };
    }
    if ('faults' in read)
      return { textFaults: read.faults.map(({ message, ...place }) => ({ message: `content: ${message}`, place })) };
    return await use({
      content: read.content,
      placesOf: async (paths) => {
        if (paths.length === 0) return [];
        thread.postMessage(paths);
        return placesShape.parse(await answer()).places;
      },
    });
  } finally {
    await thread.terminate();
  }
}
