import { z } from 'zod';
import type { AdvisoryException } from './policy.ts';

const SEVERITIES = ['info', 'low', 'moderate', 'high', 'critical'] as const;

const reportShape = z.object({
  advisories: z.record(
    z.string(),
    z.object({
      module_name: z.string(),
      github_advisory_id: z.string().nullish(),
      title: z.string(),
      severity: z.enum(SEVERITIES),
      url: z.string().nullish(),
      patched_versions: z.string().nullish(),
      findings: z.array(z.object({ version: z.string(), paths: z.array(z.string()) })),
    }),
  ),
  metadata: z.object({ totalDependencies: z.number().int().positive() }),
});

/** What is published of a package that is installed. */
export type Advisory = {
  package: string;
  versions: string[];
  /** GHSA-xxxx-xxxx-xxxx; empty where it has none, and then nothing can be recorded of it. */
  id: string;
  severity: (typeof SEVERITIES)[number];
  title: string;
  url: string;
  patchedVersions: string;
  /** Through what it came: `router>ws`. */
  paths: string[];
};

/** What was asked about, and what is published of it. */
export type AuditReport = { packages: number; advisories: Advisory[] };

/** What `pnpm audit --json` printed, or null where that is no report: the registry could not be asked. */
export function readReport(output: string): AuditReport | null {
  let json: unknown;
  try {
    json = JSON.parse(output);
  } catch {
    return null;
  }
  const { data } = reportShape.safeParse(json);
  if (data === undefined) return null;
  const advisories = Object.values(data.advisories).map((advisory) => ({
    package: advisory.module_name,
    versions: advisory.findings.map(({ version }) => version),
    id: advisory.github_advisory_id ?? '',
    severity: advisory.severity,
    title: advisory.title,
    url: advisory.url ?? '',
    patchedVersions: advisory.patched_versions ?? '',
    paths: advisory.findings.flatMap(({ paths }) => paths),
  }));
  return { packages: data.metadata.totalDependencies, advisories };
}

export type Judgement = {
  /** High or critical, and not recorded: the gate is shut. */
  unrecorded: Advisory[];
  recorded: { advisory: Advisory; exception: AdvisoryException }[];
  /** Of lower severity. */
  lesser: Advisory[];
  /** Exceptions whose day has come. */
  elapsed: AdvisoryException[];
  /** Exceptions for which nothing is published (any more). */
  unused: AdvisoryException[];
};

/** @param today as in 2026-11-22 */
export function judge({ advisories }: AuditReport, exceptions: readonly AdvisoryException[], today: string): Judgement {
  const exceptionOf = (advisory: Advisory) =>
    exceptions.find((one) => one.package === advisory.package && one.advisory === advisory.id);
  const grave = advisories.filter(({ severity }) => severity === 'high' || severity === 'critical');
  return {
    unrecorded: grave.filter((advisory) => exceptionOf(advisory) === undefined),
    recorded: grave.flatMap((advisory) => {
      const exception = exceptionOf(advisory);
      return exception === undefined ? [] : [{ advisory, exception }];
    }),
    lesser: advisories.filter((advisory) => !grave.includes(advisory)),
    elapsed: exceptions.filter(({ until }) => until <= today),
    unused: exceptions.filter((exception) => !advisories.some((advisory) => exceptionOf(advisory) === exception)),
  };
}

const line = ({ severity, package: name, versions, id, title, url, patchedVersions }: Advisory): string =>
  `${severity}: ${name} ${[...new Set(versions)].join(', ')}: ${title} (${id === '' ? 'no id' : id}${url === '' ? '' : `, ${url}`}${patchedVersions === '' ? '' : `, mended in ${patchedVersions}`})`;

/** The judgement in words, a line each. */
export function tell(judgement: Judgement, { packages }: AuditReport): string[] {
  const { unrecorded, recorded, lesser, elapsed, unused } = judgement;
  return [
    ...unrecorded.flatMap((advisory) => [line(advisory), `  by ${advisory.paths.slice(0, 5).join(', ')}`]),
    ...recorded.map(
      ({ advisory, exception }) => `recorded until ${exception.until}: ${line(advisory)}: ${exception.reason}`,
    ),
    ...lesser.map((advisory) => `not looked at by this gate: ${line(advisory)}`),
    ...elapsed.map((one) => `look at this again, ${one.until} has come: ${one.package} ${one.advisory}: ${one.reason}`),
    ...unused.map((one) => `not needed any more in supply-chain.yaml: ${one.package} ${one.advisory}`),
    unrecorded.length === 0
      ? `${packages} packages: no advisory of high or critical severity that is not recorded.`
      : `${packages} packages: ${unrecorded.length} advisories of high or critical severity. Update, or record them in supply-chain.yaml with a reason.`,
  ];
}
