import type { ReactNode } from 'react';
import { Refused } from '../components/states.tsx';
import { isAllowed, useViewer } from '../data/viewer.ts';
import { PageHead } from './page-head.tsx';

/** What only those see who may; the others are told which right they lack, on a page of its name. */
export function Allowed(props: { title: string; scopes: readonly string[]; children: ReactNode }) {
  const { title, scopes, children } = props;
  const viewer = useViewer();
  if (isAllowed(viewer, scopes)) return children;
  return (
    <div className="page">
      <PageHead title={title} />
      <Refused scopes={scopes.filter((scope) => !viewer.scopes.includes(scope))} />
    </div>
  );
}
