import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components';
import { useSearchParams } from 'react-router';
import './tabs.css';

/** Parts of a page, one shown at a time; which one is kept in the address under `parameter`, the first being left out. */
export function Tabs(props: {
  label: string;
  tabs: readonly { id: string; text: string; content: ReactNode }[];
  /** @default "tab" */
  parameter?: string;
}) {
  const { label, tabs, parameter = 'tab' } = props;
  const [search, setSearch] = useSearchParams();
  const wanted = search.get(parameter);
  const selected = tabs.find(({ id }) => id === wanted)?.id ?? tabs[0]?.id ?? '';
  const select = (id: string): void =>
    setSearch(
      (before) => {
        if (id === tabs[0]?.id) before.delete(parameter);
        else before.set(parameter, id);
        return before;
      },
      { replace: true },
    );
  return (
    <AriaTabs className="tabs" selectedKey={selected} onSelectionChange={(key) => select(String(key))}>
      <TabList className="tab-list" aria-label={label}>
        {tabs.map(({ id, text }) => (
          <Tab key={id} id={id} className="tab">
            {text}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, content }) => (
        <TabPanel key={id} id={id} className="tab-panel">
          {content}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
