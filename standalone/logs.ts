import { readFile, rename, stat } from 'node:fs/promises';

/** A log larger than this is put aside when its program starts, in place of the one put aside before. */
const LOG_LIMIT_BYTES = 5_000_000;

export async function rotateLog(file: string): Promise<void> {
  const sizeBytes = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (sizeBytes > LOG_LIMIT_BYTES) await rename(file, `${file}.1`);
}

/** The last lines of a log. */
export async function endOfLog(file: string, lines = 5): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
