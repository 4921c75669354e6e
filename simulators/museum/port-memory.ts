import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const stateSchema = z.object({ ports: z.record(z.string(), z.number().int().min(1).max(65_535)) });

/** The port that each display and exhibit had, by name. Empty when the file is missing or can't be read: ports are then chosen anew. */
export async function readPorts(file: string): Promise<ReadonlyMap<string, number>> {
  try {
    const { ports } = stateSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    return new Map(Object.entries(ports));
  } catch {
    return new Map();
  }
}

/** Replaces the file as a whole, so that a kill leaves the old one or the new one. */
export async function writePorts(file: string, things: readonly { name: string; port: number }[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const ports = Object.fromEntries(things.map(({ name, port }) => [name, port]));
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, `${JSON.stringify({ ports }, null, 1)}\n`);
  await rename(draft, file);
}
