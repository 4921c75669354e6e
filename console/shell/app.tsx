import { createBrowserRouter, Navigate, type RouteObject, useLocation } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { type Page, pages } from '../pages.ts';
import { Allowed } from './allowed.tsx';
import { SignedIn } from './gate.tsx';
import { NotFound, PageBroken, PageLoading } from './page-states.tsx';
import { usePages } from './rail.tsx';
import { BareShell, Shell } from './shell.tsx';

/** The start: the first of the places that the viewer may see. */
function Home() {
  const [first] = usePages('rail');
  const { search } = useLocation();
  return first === undefined ? <NotFound /> : <Navigate to={`${first.paths[0]}${search}`} replace />;
}

const routesOf = (page: Page): RouteObject[] =>
  page.paths.map((path) => ({
    path,
    errorElement: <PageBroken />,
    hydrateFallbackElement: <PageLoading />,
    lazy: async () => {
      const { Page: Content } = await page.load();
      if (page.frame === 'anyone') return { Component: Content };
      return {
        element: (
          <Allowed title={page.title} scopes={page.scopes ?? []}>
            <Content />
          </Allowed>
        ),
      };
    },
  }));

const framed = (frame: Page['frame']): RouteObject[] =>
  pages.filter((page) => (page.frame ?? 'shell') === frame).flatMap(routesOf);

const router = createBrowserRouter([
  ...framed('anyone'),
  {
    element: <SignedIn />,
    errorElement: <PageBroken />,
    hydrateFallbackElement: <PageLoading />,
    children: [
      { element: <BareShell />, children: framed('bare') },
      {
        element: <Shell />,
        children: [{ index: true, element: <Home /> }, ...framed('shell'), { path: '*', element: <NotFound /> }],
      },
    ],
  },
]);

export const App = () => <RouterProvider router={router} />;
