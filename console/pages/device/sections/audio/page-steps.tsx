import { ChevronLeft, ChevronRight } from 'lucide-react';
import { Button } from '../../../../components/button.tsx';
import type { PageOf } from './control-rules.ts';
import { texts } from './texts.ts';

/** From page to page of a list; nothing where there is one only. */
export function PageSteps<Item>(props: {
  what: string;
  page: PageOf<Item>;
  count: number;
  onPage: (page: number) => void;
}) {
  const { what, page, count, onPage } = props;
  if (page.pages === 1) return null;
  return (
    <nav className="audio-pages" aria-label={texts.pages.label(what)}>
      <Button
        icon={<ChevronLeft aria-hidden="true" />}
        isDisabled={page.page === 0}
        onPress={() => onPage(page.page - 1)}
      >
        {texts.pages.before}
      </Button>
      <span className="number" role="status">
        {texts.pages.span(page.from, page.to, count)}
      </span>
      <Button
        icon={<ChevronRight aria-hidden="true" />}
        isDisabled={page.page === page.pages - 1}
        onPress={() => onPage(page.page + 1)}
      >
        {texts.pages.next}
      </Button>
    </nav>
  );
}
