import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '@wheelhouse/kit/config.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Licensed, namedInNotice, readLicences, refusedLicences, unknownLicences } from './licences.ts';
import { readRuntimePackages } from './lockfile.ts';
import { ROOT } from './pnpm.ts';
import { type Policy, readPolicy } from './policy.ts';

const inRoot = (file: string): string => join(ROOT, file);
/** A program of this folder, to its end. It runs beside others: nothing here may be `spawnSync`. */
async function run(file: string, args: string[]): Promise<{ exitCode: number; output: string }> {
  const env = { ...environment, INIT_CWD: '' };
  const child = spawn(process.execPath, [inRoot(`standalone/supply-chain/${file}`), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [exitCode] = await once(child, 'close');
  return { exitCode: Number(exitCode), output };
}

const bomShape = z.object({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f-]{36}$/),
  version: z.literal(1),
  metadata: z.object({ component: z.object({ type: z.literal('application'), name: z.literal('wheelhouse') }) }),
  components: z.array(
    z.object({
      ...{ type: z.literal('library'), group: z.string().optional(), name: z.string(), version: z.string() },
      ...{ purl: z.string().startsWith('pkg:npm/'), 'bom-ref': z.string(), licenses: z.array(z.unknown()).optional() },
      externalReferences: z
        .array(z.object({ hashes: z.array(z.object({ alg: z.string(), content: z.string() })).optional() }))
        .optional(),
    }),
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()).optional() })),
});

describe('the list of parts', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-parts-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('has exactly what pnpm-lock.yaml has for this platform, each with its checksum and its licence', async () => {
    const file = join(folder, 'parts.cdx.json');
    expect(await run('sbom.ts', [file])).toMatchObject({ exitCode: 0, output: `${file}\n` });
    const bom = bomShape.parse(JSON.parse(await readFile(file, 'utf8')));
    const named = ({ group, name, version }: (typeof bom.components)[number]): string =>
      `${group === undefined ? '' : `${group}/`}${name}@${version}`;
    const fromNpm = bom.components.filter(({ group }) => group !== '@wheelhouse');
    const locked = readRuntimePackages();
    const listed = new Set(fromNpm.map(named));
    const wanted = locked.filter(({ name, version, isOptional }) => !isOptional || listed.has(`${name}@${version}`));
    expect([...listed].sort()).toEqual(wanted.map(({ name, version }) => `${name}@${version}`).sort());
    expect(listed.size).toBeGreaterThan(300);
    expect(
      fromNpm.filter(
        ({ externalReferences = [] }) => !externalReferences.some(({ hashes }) => hashes?.[0]?.alg === 'SHA-512'),
      ),
    ).toEqual([]);
    expect(fromNpm.filter(({ licenses = [] }) => licenses.length === 0)).toEqual([]);
    const refs = new Set([...bom.components.map((component) => component['bom-ref']), 'pkg:npm/wheelhouse@0.1.0']);
    expect(refs.size).toBe(bom.components.length + 1);
    expect(
      bom.dependencies.flatMap(({ ref, dependsOn = [] }) => [ref, ...dependsOn]).filter((ref) => !refs.has(ref)),
    ).toEqual([]);
  }, 60_000);
});

describe('licences', () => {
  let packages: Licensed[];
  let notice: string;
  beforeAll(async () => {
    packages = readLicences();
    notice = await readFile(inRoot('NOTICE'), 'utf8');
  }, 60_000);

  it('of all that runs are known and allowed', () => {
    expect(refusedLicences(packages, readPolicy())).toEqual([]);
    expect(unknownLicences(readRuntimePackages(), packages).missing).toEqual([]);
  });

  it('that ask for more than notices are in NOTICE, with the packages, and no others are accepted by name', () => {
    const named = namedInNotice(readPolicy());
    expect(named.filter((name) => !notice.includes(name))).toEqual([]);
    expect(named.sort()).toEqual(
      packages
        .filter(({ licence }) => Object.hasOwn(readPolicy().licences.forPackages, licence))
        .map(({ name }) => name)
        .sort(),
    );
  });

  const policy: Policy = {
    licences: { allowed: ['MIT', 'ISC', 'Apache-2.0 WITH LLVM-exception'], forPackages: { 'Elastic-2.0': ['gate'] } },
    advisories: [],
  };
  it.each([
    ['MIT', true],
    ['GPL-3.0-only', false],
    ['(MIT OR GPL-3.0-only)', true],
    ['GPL-3.0-only OR ISC', true],
    ['(MIT AND ISC)', true],
    ['MIT AND GPL-3.0-only', false],
    ['GPL-3.0-only OR MIT AND ISC', true],
    ['(GPL-3.0-only OR MIT) AND AGPL-3.0-only', false],
    ['Apache-2.0 WITH LLVM-exception', true],
    ['Apache-2.0', false],
    ['Elastic-2.0', false],
    ['Unknown', false],
    ['SEE LICENSE IN LICENSE.txt', false],
    ['MIT or something like it', false],
    ['', false],
  ])('as %s are allowed: %s', (licence, isAllowed) => {
    expect(refusedLicences([{ name: 'x', version: '1.0.0', licence }], policy)).toHaveLength(isAllowed ? 0 : 1);
  });

  it('that are accepted for a package are so for no other', () => {
    const under = (name: string) => ({ name, version: '1.0.0', licence: 'Elastic-2.0' });
    expect(refusedLicences([under('gate'), under('door')], policy)).toEqual([under('door')]);
  });
});

describe('npm run audit', () => {
  let answer: { status: number; body: string };
  const registry = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body));
  });
  const ask = async (status: number, body: unknown) => {
    answer = { status, body: JSON.stringify(body) };
    return run('audit.ts', [`--registry=http://127.0.0.1:${(registry.address() as AddressInfo).port}/`]);
  };
  beforeAll(async () => {
    registry.listen(0, '127.0.0.1');
    await once(registry, 'listening');
  });
  afterAll(() => void registry.close());

  it('is red for a grave advisory, and green for none', async () => {
    const advisory = {
      id: 1,
      title: 'it is at fault',
      severity: 'critical',
      vulnerable_versions: '<99.0.0',
      url: 'https://github.com/advisories/GHSA-5pqr-77vw-xxxx',
    };
    const found = await ask(200, { ws: [{ ...advisory, cwe: [], cvss: { score: 9, vectorString: null } }] });
    expect(found).toMatchObject({
      exitCode: 1,
      output: expect.stringMatching(/critical: ws .*it is at fault \(GHSA-5pqr-77vw-xxxx/),
    });
    const none = await ask(200, {});
    expect(none).toMatchObject({
      exitCode: 0,
      output: expect.stringMatching(/\d{3} packages: no advisory of high or critical/),
    });
  }, 60_000);

  it('is neither where the registry does not answer that question', async () => {
    const refused = await ask(405, { message: 'no' });
    expect(refused).toMatchObject({ exitCode: 3, output: expect.stringContaining('Could not look') });
  }, 60_000);
});
