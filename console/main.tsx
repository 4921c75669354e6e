import '@fontsource-variable/inter/wght.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './design/tokens.css';
import './design/base.css';
import { openNeighbours } from './session/neighbours.ts';
import { createSession } from './session/session.ts';
import { sessionDoor } from './session/session-door.ts';
import { SessionContext } from './session/use-session.ts';
import { App } from './shell/app.tsx';
import './shell/phone.css';

const session = createSession(sessionDoor, openNeighbours());
void session.start();

const root = document.querySelector('#root');
if (root === null) throw new Error('index.html has no #root');
createRoot(root).render(
  <StrictMode>
    <SessionContext value={session}>
      <App />
    </SessionContext>
  </StrictMode>,
);
