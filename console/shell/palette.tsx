import { useQuery } from '@apollo/client/react';
import { MapPin, Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Autocomplete, Dialog, Header, Menu, MenuItem, MenuSection, Modal, ModalOverlay } from 'react-aria-components';
import { useNavigate } from 'react-router';
import { Button } from '../components/button.tsx';
import { SearchField } from '../components/field.tsx';
import '../components/dialog.css';
import '../components/menu.css';
import { StatusShape } from '../components/status-mark.tsx';
import { useSites } from '../data/use-sites.ts';
import { FindDevicesDocument } from '../generated/data/graphql.ts';
import { finds } from './find-rules.ts';
import './palette.css';
import { usePages } from './rail.tsx';
import { allPlaces } from './site-rules.ts';
import { texts } from './texts.ts';
import { withSite } from './use-site.ts';

const SHOWN = 8;
/** The server is asked when somebody pauses, and not for each letter. */
const PAUSE_MS = 180;

/** The button and the keys that open it: Ctrl-K, or Cmd-K. */
export function Palette() {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen((was) => !was);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <Button aria-label={texts.palette.button} icon={<Search aria-hidden="true" />} onPress={() => setOpen(true)}>
        <span className="palette-hint">
          {texts.find} <kbd>Ctrl K</kbd>
        </span>
      </Button>
      <ModalOverlay className="dialog-overlay" isOpen={isOpen} isDismissable onOpenChange={setOpen}>
        <Modal className="dialog palette">
          <Dialog aria-label={texts.palette.label}>
            <Finder onLeave={() => setOpen(false)} />
          </Dialog>
        </Modal>
      </ModalOverlay>
    </>
  );
}

function Finder({ onLeave }: { onLeave: () => void }) {
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const navigate = useNavigate();
  const offered = [...usePages('rail'), ...usePages('menu')].filter(({ title }) => finds(text, title));
  const places = allPlaces(useSites().map(({ path }) => path));
  const sites = text.trim() === '' ? [] : places.filter((path) => finds(text, path)).slice(0, SHOWN);
  const { data, loading } = useQuery(FindDevicesDocument, { variables: { search: asked }, skip: asked.length < 2 });
  const devices = asked.length < 2 ? [] : (data?.devices?.nodes ?? []).slice(0, SHOWN);
  const go = (to: string) => () => {
    onLeave();
    void navigate(to);
  };
  return (
    <Autocomplete inputValue={text} onInputChange={setText}>
      <SearchField label={texts.palette.label} placeholder={texts.palette.placeholder} autoFocus />
      <Menu
        className="menu"
        aria-label={texts.palette.label}
        renderEmptyState={() => (
          <p className="quiet palette-empty">{loading ? texts.palette.searching : texts.palette.nothing}</p>
        )}
      >
        {devices.length > 0 && (
          <MenuSection>
            <Header>{texts.palette.devices}</Header>
            {devices.map(({ id, name, site, status }) => (
              <MenuItem
                key={id}
                id={`device-${id}`}
                className="menu-item"
                textValue={name}
                onAction={go(`/devices/${id}`)}
              >
                <StatusShape status={status} />
                {name}
                <span className="quiet">{site}</span>
              </MenuItem>
            ))}
          </MenuSection>
        )}
        {offered.length > 0 && (
          <MenuSection>
            <Header>{texts.palette.pages}</Header>
            {offered.map(({ name, title, paths, icon: Icon }) => (
              <MenuItem key={name} id={`page-${name}`} className="menu-item" textValue={title} onAction={go(paths[0])}>
                <Icon size={16} aria-hidden="true" />
                {title}
              </MenuItem>
            ))}
          </MenuSection>
        )}
        {sites.length > 0 && (
          <MenuSection>
            <Header>{texts.palette.sites}</Header>
            {sites.map((path) => (
              <MenuItem
                key={path}
                id={`site-${path}`}
                className="menu-item"
                textValue={path}
                onAction={go(withSite('/devices', path))}
              >
                <MapPin size={16} aria-hidden="true" />
                {path}
              </MenuItem>
            ))}
          </MenuSection>
        )}
      </Menu>
    </Autocomplete>
  );
}
