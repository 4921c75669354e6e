import type { ComponentType } from 'react';
import { Navigate, useParams } from 'react-router';
import { Refused } from '../../components/states.tsx';
import { useViewer } from '../../data/viewer.ts';
import { NotFound } from '../../shell/page-states.tsx';
import './admin.css';
import { Audit } from './audit/audit.tsx';
import { Frame } from './frame.tsx';
import { Import } from './import/import.tsx';
import { Keys } from './keys/keys.tsx';
import { lackOf, PARTS, type Part } from './parts.ts';
import { Services } from './services/services.tsx';
import { Users } from './users/users.tsx';

const CONTENT: Readonly<Record<Part['id'], ComponentType>> = {
  users: Users,
  keys: Keys,
  audit: Audit,
  services: Services,
  import: Import,
};

/** What admins do, a part at each address; `/admin` leads to the first that the viewer may see. */
export function Page() {
  const viewer = useViewer();
  const { part: id } = useParams();
  const [first] = PARTS.filter((part) => lackOf(part, viewer) === 'nothing');
  if (id === undefined) return <Navigate to={`/admin/${first?.id ?? 'keys'}`} replace />;
  const part = PARTS.find((one) => one.id === id);
  if (part === undefined) return <NotFound />;
  const lack = lackOf(part, viewer);
  if (lack !== 'nothing')
    return (
      <Frame part={part.id}>
        <Refused scopes={part.scope === null ? [] : [part.scope]} isEverywhere={lack === 'everywhere'} />
      </Frame>
    );
  const Content = CONTENT[part.id];
  return <Content />;
}
