import { describe, expect, it } from 'vitest';
import { judge, readReport, tell } from './advisories.ts';
import { readPolicy } from './policy.ts';

const TODAY = '2026-11-25';
const GRAVE = 'GHSA-23cf-49gh-88jm';
const OTHER = 'GHSA-5pqr-77vw-xxxx';

/** As `pnpm audit --json` prints it. */
const printed = (...advisories: { name: string; severity: string; id?: string | null }[]): string =>
  JSON.stringify({
    advisories: Object.fromEntries(
      advisories.map(({ name, severity, id = GRAVE }, index) => [
        String(index),
        {
          ...{ id: index, module_name: name, severity, title: `${name} is at fault`, github_advisory_id: id },
          ...{ vulnerable_versions: '<9.0.0', patched_versions: '>=9.0.0', url: 'https://example.org/advisory' },
          findings: [{ version: '8.0.0', paths: [`router>${name}`, `kit>${name}`], dev: false }],
        },
      ]),
    ),
    metadata: { vulnerabilities: {}, totalDependencies: 3 },
  });
const exception = (overrides: Record<string, string> = {}) => ({
  ...{ package: 'ws', advisory: GRAVE, reason: 'we never call what it concerns', until: '2027-01-31' },
  ...overrides,
});
function judged(output: string, exceptions = [exception()]) {
  const report = readReport(output);
  if (report === null) throw new Error('it is no report');
  const judgement = judge(report, exceptions, TODAY);
  return { judgement, text: tell(judgement, report).join('\n') };
}

describe('the gate of advisories', () => {
  it.each([
    ['info', 0],
    ['low', 0],
    ['moderate', 0],
    ['high', 1],
    ['critical', 1],
  ])('of severity %s shuts for %i', (severity, unrecorded) => {
    const { judgement, text } = judged(printed({ name: 'ws', severity }), []);
    expect(judgement.unrecorded).toHaveLength(unrecorded);
    expect(judgement.lesser).toHaveLength(1 - unrecorded);
    expect(text).toContain(
      `${severity}: ws 8.0.0: ws is at fault (${GRAVE}, https://example.org/advisory, mended in >=9.0.0)`,
    );
  });

  it('is open for what is recorded, of that package and that advisory alone', () => {
    const { judgement, text } = judged(
      printed(
        { name: 'ws', severity: 'high' },
        { name: 'ws', severity: 'high', id: OTHER },
        { name: 'pg', severity: 'critical' },
      ),
    );
    expect(judgement.recorded.map(({ advisory }) => advisory.package)).toEqual(['ws']);
    expect(judgement.unrecorded.map(({ package: name, id }) => [name, id])).toEqual([
      ['ws', OTHER],
      ['pg', GRAVE],
    ]);
    expect(text).toContain('recorded until 2027-01-31: high: ws');
    expect(text).toMatch(/2 advisories of high or critical severity\. Update, or record them/);
  });

  it('stays open after the day until which it was recorded, and says that the day has come', () => {
    const { judgement, text } = judged(printed({ name: 'ws', severity: 'high' }), [exception({ until: TODAY })]);
    expect(judgement).toMatchObject({ unrecorded: [], elapsed: [{ package: 'ws' }] });
    expect(text).toContain(`look at this again, ${TODAY} has come: ws`);
    expect(judged(printed(), [exception({ until: '2026-11-26' })]).judgement.elapsed).toEqual([]);
  });

  it('says what is recorded for nothing', () => {
    expect(judged(printed()).text).toMatch(
      /not needed any more in supply-chain\.yaml: ws GHSA.*\n3 packages: no advisory/,
    );
  });

  it('never takes an advisory without an id for a recorded one', () => {
    expect(judged(printed({ name: 'ws', severity: 'high', id: null })).judgement.unrecorded).toHaveLength(1);
  });

  it.each([
    ['nothing', ''],
    ['an error in words', 'Error: ERR_PNPM_AUDIT_BAD_RESPONSE'],
    ['an error in JSON', '{"error":{"code":"ERR_PNPM_AUDIT_BAD_RESPONSE"}}'],
    ['an empty object', '{}'],
    ['a report on no package', '{"advisories":{},"metadata":{"totalDependencies":0}}'],
  ])('takes %s for no report, and never for a clean one', (_what, output) => {
    expect(readReport(output)).toBeNull();
  });
});

describe('supply-chain.yaml', () => {
  it('is sound', () => {
    expect(readPolicy().licences.allowed).toContain('MIT');
  });

  it('is refused with every fault named', () => {
    const text = JSON.stringify({
      licences: { allowed: ['MIT'], forPackages: {} },
      advisories: [exception({ advisory: 'CVE-2026-1' }), exception({ reason: 'so' }), exception({ until: 'soon' })],
    });
    expect(() => readPolicy(text)).toThrow(
      /advisories\.0\.advisory: must be the id.*\n.*1\.reason: must say why\n.*2\.until: must be a day/,
    );
    expect(() => readPolicy(JSON.stringify({ licences: { allowed: [], forPackages: {} } }))).toThrow('advisories');
  });
});
