import { CircleAlert } from 'lucide-react';
import { useEffect } from 'react';
import { Link, useRouteError } from 'react-router';
import { Button } from '../components/button.tsx';
import { Empty, Skeleton } from '../components/states.tsx';
import { isGone } from './gone-rules.ts';
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
      <div className="state">
        <CircleAlert size={28} aria-hidden="true" />
        <h2>{texts.broken.text}</h2>
        <p className="quiet">{err instanceof Error ? err.message : String(err)}</p>
        <Button onPress={() => location.reload()}>{texts.broken.reload}</Button>
      </div>
    </div>
  );
}
