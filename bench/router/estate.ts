// The graph and the questions of the benchmark: three subgraphs in the shape of the real ones, and what they know of each device.

const linked = (...imports: string[]): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports.map((name) => `"${name}"`).join(', ')}])
  scalar DateTime`;

const DEVICE_FIELDS = `
    id: ID! name: String! site: String! status: DeviceStatus! statusSince: DateTime! observedAt: DateTime stale: Boolean!
    tags: [String!]!`;

export const SUBGRAPHS = {
  devices: `${linked('@key', '@listSize')}
  interface Device @key(fields: "id") {${DEVICE_FIELDS} }
  type FidaDisplay implements Device @key(fields: "id") {${DEVICE_FIELDS} }
  type AudioCore implements Device @key(fields: "id") {${DEVICE_FIELDS} }
  enum DeviceStatus { ONLINE DEGRADED OFFLINE UNKNOWN }
  type DeviceConnection { nodes: [Device!]! totalCount: Int! }
  type Query {
    devices(first: Int): DeviceConnection
      @listSize(assumedSize: 50, slicingArguments: ["first"], sizedFields: ["nodes"], requireOneSlicingArgument: false)
    device(id: ID!): Device
  }`,
  fida: `${linked('@key')}
  type FidaDisplay @key(fields: "id") {
    id: ID! brightnessPercent: Float temperatureCelsius: Float inputSource: String signalPresent: Boolean model: String
    problems: [String!] measuredAt: DateTime
  }`,
  history: `${linked('@key', '@interfaceObject')}
  type Device @key(fields: "id") @interfaceObject { id: ID! changeCount: Int onlineRatio: Float lastChangedAt: DateTime }`,
} as const;

/** The same with rules of who may ask, as the real ones have them, for those of whom the router has to know who they are. */
export const guarded = (sdl: string): string =>
  sdl
    .replace(/import: \[/, 'import: ["@requiresScopes", ')
    .replace(
      /(devices\(first: Int\): DeviceConnection|device\(id: ID!\): Device)\b/g,
      '$1 @requiresScopes(scopes: [["estate:read"]])',
    )
    .replace(/(onlineRatio: Float)/, '$1 @requiresScopes(scopes: [["history:read"], ["estate:read"]])');

export type SubgraphName = keyof typeof SUBGRAPHS;
export const SUBGRAPH_NAMES = Object.keys(SUBGRAPHS) as SubgraphName[];

export type Question = {
  key: 'one' | 'twenty' | 'many';
  name: string;
  query: string;
  variables: Record<string, unknown>;
};

const LIST = `query Devices($first: Int!) {
  devices(first: $first) {
    totalCount
    nodes {
      __typename id name site status statusSince observedAt stale tags changeCount onlineRatio
      ... on FidaDisplay { brightnessPercent temperatureCelsius inputSource signalPresent model problems measuredAt }
    }
  }
}`;

export const QUESTIONS: readonly Question[] = [
  {
    key: 'one',
    name: 'one device, one subgraph',
    query: 'query Device($id: ID!) { device(id: $id) { id name site status statusSince } }',
    variables: { id: 'd7' },
  },
  { key: 'twenty', name: '20 devices, three subgraphs', query: LIST, variables: { first: 20 } },
  { key: 'many', name: '200 devices, three subgraphs', query: LIST, variables: { first: 200 } },
];

const AT = '2026-11-22T03:15:00.203Z';

/** What every subgraph knows of a device; every fifth one has no part in `fida`. */
export function deviceOf(id: string): Record<string, unknown> {
  const number = Number(id.slice(1));
  return {
    __typename: number % 5 === 0 ? 'AudioCore' : 'FidaDisplay',
    id,
    name: `Display ${number}`,
    site: `museum/hall-${number % 7}`,
    status: 'ONLINE',
    statusSince: AT,
    observedAt: AT,
    stale: false,
    tags: ['ground floor', 'public'],
    brightnessPercent: number % 100,
    temperatureCelsius: 30 + (number % 20) / 2,
    inputSource: 'HDMI1',
    signalPresent: true,
    model: 'WH-55',
    problems: [],
    measuredAt: AT,
    changeCount: number % 9,
    onlineRatio: 0.98,
    lastChangedAt: AT,
  };
}
