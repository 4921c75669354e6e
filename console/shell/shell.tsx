import { Outlet, useNavigate } from 'react-router';
import { Toasts } from '../components/toast.tsx';
import { useLive } from '../data/use-live.ts';
import { ConnectionMark, NotLive } from './connection-mark.tsx';
import { useTabTitle } from './page-title.ts';
import { Palette } from './palette.tsx';
import { Places } from './rail.tsx';
import './shell.css';
import { SiteSelect, SiteTree } from './site-tree.tsx';
import { texts } from './texts.ts';
import { usePageFocus } from './use-page-focus.ts';
import { ViewerMenu } from './viewer-menu.tsx';

/** What stands around a page. */
export function Shell() {
  useTabTitle();
  usePageFocus();
  const { phase } = useLive();
  const navigate = useNavigate();
  return (
    <div className="shell" data-live={phase}>
      <a className="skip" href="#page">
        {texts.skip}
      </a>
      <header className="top">
        <span className="brand">{texts.product}</span>
        <div className="top-site">
          <SiteSelect onChoose={(address) => void navigate(address)} />
        </div>
        <ConnectionMark />
        <Palette />
        <ViewerMenu />
      </header>
      <div className="rail">
        <Places />
        <SiteTree />
      </div>
      <main id="page" tabIndex={-1}>
        <NotLive />
        <Outlet />
      </main>
      <Toasts />
    </div>
  );
}

/** What stands around a page that has the screen to itself: nothing but the word when it is not live, and the tab's title. */
export function BareShell() {
  useTabTitle();
  const { phase } = useLive();
  return (
    <main id="page" className="bare" data-live={phase}>
      <NotLive />
      <Outlet />
      <Toasts />
    </main>
  );
}
