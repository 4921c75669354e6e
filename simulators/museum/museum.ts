import type { DisplayDefinition } from '../displays/start-displays.ts';
import type { Access } from '../snmp/agent.ts';

/** A display with its place in the registry of devices. */
export type MuseumDisplay = DisplayDefinition & {
  externalId: string;
  site: string;
  tags: string[];
  /** External ids of what it hangs on. */
  parents: string[];
  /** Left out of the estate for some, so that detection is at work too. */
  isProfileGiven: boolean;
};

export const TIME_ZONE = 'Africa/Cairo';
export const SITES = [
  'museum',
  'museum/foyer',
  'museum/hall-1',
  'museum/hall-2',
  'museum/hall-3',
  'museum/children',
] as const;

// Simulated displays listen on loopback only, so these open nothing.
const FIDA_ACCESS: Access = { version: 'V2C', community: 'museum-read' };
const LG_ACCESS: Access = { version: 'V2C', community: 'lgecommer' };
const SIGN_ACCESS: Access = { version: 'V1', community: 'museum-read' };
const V3_ACCESS = {
  priv: {
    version: 'V3',
    user: 'curator',
    authProtocol: 'SHA256',
    authKey: 'museum-auth-key',
    privProtocol: 'AES',
    privKey: 'museum-priv-key',
  },
  auth: { version: 'V3', user: 'curator', authProtocol: 'SHA', authKey: 'museum-auth-key' },
  none: { version: 'V3', user: 'curator' },
} as const satisfies Record<string, Access>;

type Row = [name: string, kind: 'fida' | 'lg' | 'sign' | keyof typeof V3_ACCESS, tags: string[], parents?: string[]];

const ROWS: Record<string, Row[]> = {
  'museum/foyer': [
    ['Foyer welcome', 'lg', ['entrance']],
    ['Foyer tickets 1', 'fida', ['entrance', 'tickets']],
    ['Foyer tickets 2', 'fida', ['entrance', 'tickets']],
    ['Foyer programme', 'sign', ['entrance']],
  ],
  'museum/hall-1': [
    ['Hall 1 wall head', 'fida', ['wall']],
    ['Hall 1 wall left', 'fida', ['wall'], ['hall-1-wall-head']],
    ['Hall 1 wall middle', 'fida', ['wall'], ['hall-1-wall-head']],
    ['Hall 1 wall right', 'fida', ['wall'], ['hall-1-wall-head']],
    ['Hall 1 timeline', 'lg', ['touch']],
    ['Hall 1 map', 'lg', ['touch']],
  ],
  'museum/hall-2': [
    ['Hall 2 pharaoh', 'fida', ['exhibit']],
    ['Hall 2 river', 'lg', ['exhibit']],
    ['Hall 2 papyrus', 'fida', ['exhibit']],
    ['Hall 2 quiz', 'lg', ['touch']],
    ['Hall 2 exit', 'fida', ['wayfinding']],
  ],
  'museum/hall-3': [
    ['Hall 3 treasury', 'priv', ['exhibit', 'secured']],
    ['Hall 3 mask', 'priv', ['exhibit', 'secured']],
    ['Hall 3 jewels', 'auth', ['exhibit', 'secured']],
    ['Hall 3 guard desk', 'none', ['staff']],
    ['Hall 3 exit', 'lg', ['wayfinding']],
  ],
  'museum/children': [
    ['Children puzzle', 'fida', ['touch']],
    ['Children colours', 'fida', ['touch']],
    ['Children stories', 'lg', ['exhibit']],
    ['Children exit', 'fida', ['wayfinding']],
  ],
};

/** The name by which a device is known outside. */
export const externalIdOf = (name: string): string => name.toLowerCase().replaceAll(' ', '-');

function accessOf(kind: Row[1]): Access {
  switch (kind) {
    case 'fida':
      return FIDA_ACCESS;
    case 'lg':
      return LG_ACCESS;
    case 'sign':
      return SIGN_ACCESS;
    default:
      return V3_ACCESS[kind];
  }
}

const FIDA = { profile: 'wheelhouse-fida', identity: { model: 'FIDA-55', firmware: '4.2.0' } } as const;
const LG = { profile: 'lg-commercial', identity: { model: '65UU640C-TB', firmware: '03.44.92.01' } } as const;
const SIGN = { profile: 'ntcip-1203', identity: { model: 'VMS-200', firmware: '2.1' } } as const;

const hardwareOf = (kind: Row[1]) => (kind === 'lg' ? LG : kind === 'sign' ? SIGN : FIDA);

/** The museum that `npm start` shows: 24 displays of every profile. */
export function smallMuseum(): MuseumDisplay[] {
  const displays: MuseumDisplay[] = [];
  for (const [site, rows] of Object.entries(ROWS)) {
    for (const [name, kind, tags, parents = []] of rows) {
      displays.push({
        externalId: externalIdOf(name),
        name,
        ...hardwareOf(kind),
        access: accessOf(kind),
        site,
        tags,
        parents,
        isProfileGiven: displays.length % 2 === 0,
      });
    }
  }
  return displays;
}

/** A museum of any size for load tests; every third display is an LG. */
export function largeMuseum(count: number): MuseumDisplay[] {
  const halls = SITES.slice(1);
  return Array.from({ length: count }, (_, i) => {
    const name = `Display ${String(i + 1).padStart(5, '0')}`;
    const isLg = i % 3 === 2;
    return {
      externalId: externalIdOf(name),
      name,
      profile: isLg ? 'lg-commercial' : 'wheelhouse-fida',
      access: accessOf(isLg ? 'lg' : 'fida'),
      site: halls[i % halls.length] ?? SITES[0],
      tags: ['load'],
      parents: [],
      isProfileGiven: true,
    };
  });
}

/** Spread evenly, `percent` of the displays. */
export function everyNth<T>(items: readonly T[], percent: number): T[] {
  return items.filter((_, i) => Math.floor(((i + 1) * percent) / 100) > Math.floor((i * percent) / 100));
}
