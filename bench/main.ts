// `npm run bench -- NAME`: a file beside this one is a benchmark, and nothing else lists them.
import { readdirSync } from 'node:fs';

/** What a benchmark's file exports. It prints its table itself, and throws when its figures would mean nothing. */
export type Bench = (args: string[]) => Promise<void>;

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -'.ts'.length))
  .sort();

const [name = '', ...args] = process.argv.slice(2);
if (names.includes(name)) {
  const { bench }: { bench: Bench } = await import(new URL(`${name}.ts`, import.meta.url).href);
  await bench(args);
} else {
  process.stderr.write(`Usage: npm run bench -- NAME [options], where NAME is one of: ${names.join(', ')}\n`);
  process.exitCode = 2;
}
