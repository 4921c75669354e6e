import { useEffect } from 'react';
import { Link, useRouteError } from 'react-router';
import { Button } from '../components/button.tsx';
import { Empty, Skeleton } from '../components/states.tsx';
import { PageHead } from './page-head.tsx';
import { texts } from './texts.ts';

export const PageLoading = () => (
  <div className="page">
    <Skeleton lines={8} />
  </div>
);

export const NotFound = () => (
  <div className="page">
    <PageHead title={texts.notFound.title} />
    <Empty title={texts.notFound.text} action={<Link to="/">{texts.notFound.home}</Link>} />
  </div>
);

const RELOADED = 'wheelhouse.reloaded';
/** A new version was put in the place of the one that this window runs: the files of its pages are gone, and a reload brings the new ones. */
const isGone = (err: unknown): boolean =>
  err instanceof Error && /dynamically imported module|module script failed|error loading/i.test(err.message);

/** A page that could not be shown. One whose files are gone is loaded anew, once in a minute at most. */
export function PageBroken() {
  const err = useRouteError();
  useEffect(() => {
    if (!isGone(err) || Date.now() - Number(sessionStorage.getItem(RELOADED)) < 60_000) return;
    sessionStorage.setItem(RELOADED, String(Date.now()));
    location.reload();
  }, [err]);
  return (
    <div className="page" role="alert">
      <PageHead title={texts.broken.title} />
      <Empty
        title={texts.broken.text}
        action={<Button onPress={() => location.reload()}>{texts.broken.reload}</Button>}
      >
        <p>{err instanceof Error ? err.message : String(err)}</p>
      </Empty>
    </div>
  );
}
