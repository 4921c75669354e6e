import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { ROOT } from './pnpm.ts';

const exceptionShape = z.strictObject({
  package: z.string().min(1),
  advisory: z
    .string()
    .regex(/^GHSA(-[23456789cfghjmpqrvwx]{4}){3}$/, 'must be the id of an advisory: GHSA-xxxx-xxxx-xxxx'),
  reason: z.string().min(10, 'must say why'),
  /** A reminder. */
  until: z.iso.date('must be a day: 2027-01-31'),
});
export type AdvisoryException = z.infer<typeof exceptionShape>;

const policyShape = z.strictObject({
  licences: z.strictObject({
    allowed: z.array(z.string()),
    forPackages: z.record(z.string(), z.array(z.string())),
  }),
  advisories: z.array(exceptionShape),
});
export type Policy = z.infer<typeof policyShape>;

const FILE = 'supply-chain.yaml';

/** What supply-chain.yaml says. @throws Error naming every fault in it */
export function readPolicy(text: string = readFileSync(join(ROOT, FILE), 'utf8')): Policy {
  const parsed = policyShape.safeParse(parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(
    `${FILE}:\n${parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`).join('\n')}`,
  );
}
