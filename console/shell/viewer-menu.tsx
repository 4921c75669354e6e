import { CircleUser } from 'lucide-react';
import { Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { useNavigate } from 'react-router';
import { Button } from '../components/button.tsx';
import '../components/menu.css';
import { say } from '../components/toast.tsx';
import { useViewer } from '../data/viewer.ts';
import { prefer, usePreferences } from '../preferences.ts';
import { useSession } from '../session/use-session.ts';
import { usePages } from './rail.tsx';
import { texts } from './texts.ts';

const THEMES = ['system', 'light', 'dark'] as const;
const DENSITIES = ['comfortable', 'compact'] as const;

/** Who is signed in, how the console looks to them, and the way out. */
export function ViewerMenu() {
  const viewer = useViewer();
  const { theme, density } = usePreferences();
  const session = useSession();
  const navigate = useNavigate();
  const links = usePages('menu');
  const leave = (): void => {
    session.signOut().catch(() => say('failed', texts.signOutFailed));
  };
  return (
    <MenuTrigger>
      <Button kind="plain" aria-label={texts.menu(viewer.name)} icon={<CircleUser aria-hidden="true" />} />
      <Popover className="menu-popover" placement="bottom end">
        <Menu className="menu">
          <MenuSection>
            <Header className="menu-who">
              {viewer.name}
              <span className="quiet">{viewer.email}</span>
            </Header>
            {links.map(({ name, paths, title }) => (
              <MenuItem key={name} className="menu-item" onAction={() => void navigate(paths[0])}>
                {title}
              </MenuItem>
            ))}
          </MenuSection>
          <Separator className="menu-line" />
          <MenuSection
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[theme]}
            onSelectionChange={(keys) => prefer({ theme: THEMES.find((one) => new Set(keys).has(one)) ?? theme })}
          >
            <Header>{texts.theme.title}</Header>
            {THEMES.map((one) => (
              <MenuItem key={one} id={one} className="menu-item">
                {texts.theme[one]}
              </MenuItem>
            ))}
          </MenuSection>
          <MenuSection
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[density]}
            onSelectionChange={(keys) =>
              prefer({ density: DENSITIES.find((one) => new Set(keys).has(one)) ?? density })
            }
          >
            <Header>{texts.density.title}</Header>
            {DENSITIES.map((one) => (
              <MenuItem key={one} id={one} className="menu-item">
                {texts.density[one]}
              </MenuItem>
            ))}
          </MenuSection>
          <Separator className="menu-line" />
          <MenuItem className="menu-item" onAction={leave}>
            {texts.signOut}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
