import { type Finding, findingOfUnanswered } from '@wheelhouse/contracts/observations.ts';
import { z } from 'zod';
import type { LightTarget, Look } from './http.ts';

const targetShape = z.object({ host: z.string(), port: z.number() });

/** The target that a registry item describes. @throws ZodError for one that a newer registry wrote */
export const targetOf = (connection: Record<string, unknown>): LightTarget => targetShape.parse(connection);

/** What the status engine is told of a look. */
export const findingOf = (look: Look): Finding =>
  look.kind === 'answered'
    ? { kind: 'ANSWERED', problems: look.status === 200 ? [] : [`It answers with HTTP ${look.status}`] }
    : findingOfUnanswered(look);
