import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const main = new URL('main.ts', import.meta.url).href;

/** Names of the packages that a program loads, from where its modules are resolved to. */
function packagesLoadedBy(url: string): Set<string> {
  const script = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({
      resolve: (specifier, context, next) => {
        const resolved = next(specifier, context);
        urls.push(resolved.url);
        return resolved;
      },
    });
    await import('${url}');
    process.stdout.write(JSON.stringify(urls));`;
  const text = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  const urls: string[] = JSON.parse(text);
  return new Set(urls.map((loaded) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(loaded)?.[1] ?? ''));
}

it('a router loads nothing that speaks to a database, and no page for browsers before one asks for it', () => {
  const loaded = packagesLoadedBy(main);
  expect([...loaded]).toEqual(expect.arrayContaining(['graphql', 'undici', 'ws']));
  const heavy = ['drizzle-orm', 'postgres', 'bullmq', '@apollo/composition', '@graphql-yoga/render-graphiql'];
  expect(heavy.filter((name) => loaded.has(name))).toEqual([]);
});

it('a router loads no SDK of OpenTelemetry before it is told where to send spans', () => {
  const loaded = [...packagesLoadedBy(main)].filter((name) => name.startsWith('@opentelemetry/'));
  // prom-client loads the API, and nothing behind it.
  expect(loaded.filter((name) => name !== '@opentelemetry/api')).toEqual([]);
});
