import { SECRETS } from './known-secrets.ts';

export const ADD = `mutation ($input: AddDeviceInput!) {
  addDevice(input: $input) { device { id name address } userErrors { field code message } } }`;

export const V3 = { version: 'V3', user: 'wheelhouse', authProtocol: 'SHA', privProtocol: 'AES' } as const;
export const KEYS = { authKey: SECRETS.authKey, privKey: SECRETS.privKey };

/** Fields of addDevice's input that are at fault beside a secret, or with one. @param snmp a sound connection with its community */
export const faultyFields = (snmp: Record<string, unknown>): Record<string, unknown>[] => [
  { snmp: { ...snmp, portt: 161 } },
  { snmp: { ...snmp, community: [SECRETS.community] } },
  { snmp: { ...snmp, community: { is: SECRETS.community } } },
  { snmp: { ...snmp, community: `${SECRETS.community}\0` } },
  { snmp: { ...snmp, community: SECRETS.community.repeat(20) } },
  { snmp: { ...snmp, version: SECRETS.community } },
  { snmp: { ...snmp, port: 0 } },
  { snmp: { ...snmp, authKey: SECRETS.authKey } },
  { snmp: SECRETS.community },
  { snmp: { ...snmp, ...V3, ...KEYS, authProtocol: null } },
  { system: 'QSYS', qrc: { host: 'core', user: 'museum', password: Number(SECRETS.pin) } },
  { system: 'QSYS', qrc: { host: 'core', password: SECRETS.pin } },
  { name: '', snmp },
];

const community = JSON.stringify(SECRETS.community);
const inDocument = (connection: string): string =>
  JSON.stringify({
    query: `mutation { addDevice(input: { name: "x", system: FIDA, site: "s", snmp: { ${connection} } }) { device { id } } }`,
  });

/** Bodies of requests that hold a secret in the document, or where JSON breaks off. */
export const FAULTY_BODIES: readonly string[] = [
  inDocument(`community ${community}`),
  inDocument(`community: [${community}]`),
  inDocument(`community: ${SECRETS.pin}`),
  inDocument(`community: ${community}, community: ${community}`),
  inDocument(`community: ${community}, nothing: 1`),
  inDocument(`version: ${community}`),
  inDocument(`community: ${community.slice(0, -1)}`),
  `{"query": "mutation", "variables": {"community": ${community}`,
  `{"query": "{ __typename }", "variables": {"community": ${SECRETS.community}}}`,
];

/** Messages of a websocket that do. */
export const FAULTY_MESSAGES: readonly string[] = [
  `{"id":"1","type":"subscribe","payload":{"query":"${ADD.replaceAll(/\s+/g, ' ')}","variables":{"input":{"snmp":[${community}]}}}}`,
  `{"id":"1","type":"subscribe","payload":{"community":${SECRETS.community}}}`,
  `{"id":"1","type":${community}}`,
];
