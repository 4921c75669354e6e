const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])`;

export const logSdl = `${LINK}
  type Query { cursor: String! }
  type Subscription { changed(after: String): Change! }
  type Change { cursor: String! at: String! to: String! device: Device }
  type Device @key(fields: "id") { id: ID! name: String! }`;

export const factsSdl = `${LINK}
  type Device @key(fields: "id") { id: ID! brightnessPercent: Int }`;

export const PLAIN = 'subscription ($after: String) { changed(after: $after) { cursor at to device { id name } } }';
export const WITH_ENTITY =
  'subscription ($after: String) { changed(after: $after) { cursor at to device { id name brightnessPercent } } }';
