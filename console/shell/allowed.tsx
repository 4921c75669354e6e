import type { ReactNode } from 'react';
import { Refused } from '../components/states.tsx';
import { isAllowed, useViewer } from '../data/viewer.ts';

/** What only those see who may; the others are told which right they lack. */
export function Allowed({ scopes, children }: { scopes: readonly string[]; children: ReactNode }) {
  const viewer = useViewer();
  if (isAllowed(viewer, scopes)) return children;
  return <Refused scopes={scopes.filter((scope) => !viewer.scopes.includes(scope))} />;
}
