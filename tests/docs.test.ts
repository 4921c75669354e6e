import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkEntry, siteShape } from '@wheelhouse/devices/registry-rules.ts';
import { parse as parseGraphQL, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { apiSchema } from './client-operations.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const pages = ['*.md', 'docs/**/*.md', 'clients/*/*.md', 'console/*.md']
  .flatMap((glob) => globSync(glob, { cwd: ROOT }))
  .sort();

/** The code blocks of a page in one language. */
const blocksOf = (page: string, language: string): string[] =>
  [...read(page).matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, name, text]) =>
    name === language && text !== undefined ? [text] : [],
  );

/** The anchors that GitHub makes of a page's headings. */
const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(pages)('%s', (page) => {
  it('has only relative links that lead somewhere', () => {
    const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      if (URL.canParse(link)) return false;
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('quotes only operations that the graph answers', () => {
    // In TypeScript every template is one.
    const quoted = blocksOf(page, 'ts').flatMap((text) =>
      [...text.matchAll(/`([^`]+)`/g)].map(([, inner = '']) => inner),
    );
    const operations = [...blocksOf(page, 'graphql'), ...quoted];
    const faults = operations.flatMap((text) => validate(apiSchema, parseGraphQL(text)));
    expect(faults).toEqual([]);
  });

  it('names only npm scripts that there are, and the pinned pnpm', () => {
    const { scripts, packageManager }: { scripts: Record<string, string>; packageManager: string } = JSON.parse(
      read('package.json'),
    );
    const named = [...read(page).matchAll(/\bnpm run (\w[\w-]*)/g)].map(([, script]) => script);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
    expect(new Set([packageManager, ...(read(page).match(/\bpnpm@[\d.]+\b/g) ?? [])])).toEqual(
      new Set([packageManager]),
    );
  });
});

/** The settings that the code reads, from the shapes in config.ts files and RUN's in kit/service.ts. */
const settings = new Set(
  ['kit/service.ts', ...globSync('{kit,router,standalone,subgraphs/*}/config.ts', { cwd: ROOT })].flatMap((file) =>
    [...read(file).matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(([, name = '']) => name),
  ),
);

const services = readdirSync(join(ROOT, 'subgraphs')).map((name) => name.toUpperCase());
/** What looks like a setting of ours: the names begin with the service's. */
const PREFIXED = new RegExp(
  `\\b(${['WHEELHOUSE', 'ROUTER', 'DATABASE', 'REDIS', 'LOG', ...services].join('|')})_[A-Z_]+\\b`,
  'g',
);

describe('the settings', () => {
  it.each(pages)('that %s names are read by the code', (page) => {
    const prefixed = read(page).match(PREFIXED) ?? [];
    const inTables = [...read(page).matchAll(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \| .*\| .*\|$/gm)].flatMap(
      ([, names = '']) => names.replaceAll('`', '').split(', '),
    );
    const errorCodes = ['DATABASE_UNAVAILABLE', 'ACCOUNTS_UNAVAILABLE'];
    const unknown = [...prefixed, ...inTables].filter((name) => !settings.has(name) && !errorCodes.includes(name));
    expect(unknown).toEqual([]);
  });
});

it('the estate file in docs/operating.md is accepted', () => {
  const [text = ''] = blocksOf('docs/operating.md', 'yaml');
  const { sites, devices }: { sites: unknown[]; devices: Record<string, unknown>[] } = parseYaml(text);
  expect(sites.filter((site) => !siteShape.safeParse(site).success)).toEqual([]);
  const faults = devices.map(({ externalId: _, parents: __, ...device }) => checkEntry(device, []));
  expect(faults.filter((outcome) => 'faults' in outcome)).toEqual([]);
});
