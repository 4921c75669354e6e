/** Questions that the test estate answers, each for something that a router can get wrong. */
export const QUESTIONS: readonly [what: string, query: string, variables?: Record<string, unknown>][] = [
  ['fields of three services', '{ devices { id name status changeCount ... on Display { brightness label } } }'],
  [
    'an interface in a service that knows it as one object',
    '{ busiest { __typename id name ... on Speaker { volume } } }',
  ],
  [
    'an entity of another service behind such an interface',
    '{ busiest { lastChange { __typename name changeCount } } }',
  ],
  [
    'the type name beside a field of a service that knows the interface as one object',
    '{ brightest { __typename changeCount } devices { kind: __typename lastChange { changeCount __typename } related { kind: __typename changeCount } } }',
  ],
  [
    'an entity of a type of which nothing was asked',
    'query ($on: Boolean!) { busiest { ... on Display { kind: id ... on Device @include(if: $on) { ... on Speaker { id } } } } }',
    { on: false },
  ],
  [
    'an object all of whose fields are skipped, which is not null',
    'query ($on: Boolean!, $off: Boolean!) { brightest @include(if: $on) { ...F } devices @include(if: $on) { lastChange @include(if: $off) { id } } } fragment F on Display { panel @include(if: $off) { serial } }',
    { on: true, off: false },
  ],
  [
    'a field beside a skipped one that requires what nobody else asks for',
    'query ($on: Boolean!) { device(id: "d1") { ... on Display { label @include(if: $on) panel { serial } } } }',
    { on: false },
  ],
  [
    'an error that takes a whole entity along, told once',
    '{ device(id: "d2") { ... on Display { panel { serial } other: panel { lamp } } } }',
  ],
  [
    'an error below an alias with the name of a key, told once',
    '{ name: device(id: "d2") { id ... on Display { panel { serial lamp } } } }',
  ],
  ['required fields', '{ brightest { label } }'],
  ['zero, which is not null', '{ brightest { brightness } device(id: "s1") { changeCount } }'],
  ['an id that is unknown', '{ device(id: "nope") { name changeCount } }'],
  ['aliases', '{ a: device(id: "d1") { n: name c: changeCount } b: device(id: "s1") { n: name } }'],
  ['an alias with the name of a key', '{ devices { id: name changeCount } }'],
  ['an alias of another type with the name of a key', '{ devices { id: status changeCount __typename } }'],
  ['an alias with the name of a required field', '{ brightest { name: brightness label } }'],
  ['an alias that hides the type name', '{ devices { __typename: name changeCount } }'],
  [
    'an alias that objects have a meaning for',
    '{ __proto__: echo constructor: echo devices { __proto__: name toString: id } }',
  ],
  ['an alias of the type name', '{ kind: __typename devices { kind: __typename } }'],
  [
    'named fragments',
    '{ devices { ...D } } fragment D on Device { name ... on Display { ...P } } fragment P on Display { brightness }',
  ],
  [
    'fragments that repeat and nest fields',
    '{ devices { lastChange { id } ... { lastChange { name } } ... on Speaker { lastChange { status } } } }',
  ],
  [
    'one response name from two types',
    '{ devices { ... on Display { level: brightness } ... on Speaker { level: volume } } }',
  ],
  [
    '@skip and @include on fields',
    'query ($on: Boolean!) { devices { name @include(if: $on) changeCount @skip(if: $on) } }',
    { on: true },
  ],
  [
    '@skip of all that a service owns',
    'query ($on: Boolean!) { devices { name changeCount @skip(if: $on) } echo @skip(if: $on) }',
    { on: true },
  ],
  [
    '@include on fragments',
    'query ($on: Boolean = false) { devices { id ... on Display @include(if: $on) { brightness } ...S @skip(if: $on) } } fragment S on Speaker { name }',
  ],
  ['everything skipped', '{ devices @skip(if: true) { name } }'],
  ['a variable with a default', 'query ($text: String = "given") { echo(text: $text) }'],
  ['a default beaten by null', 'query ($text: String = "given") { echo(text: $text) }', { text: null }],
  ['the default of an argument', '{ echo }'],
  ['one value for a list', 'query ($times: [Int!]) { echo(text: "x", times: $times) }', { times: 3 }],
  [
    'an enum as argument and result',
    'query ($status: Status) { devices(status: $status) { status } }',
    { status: 'UNKNOWN' },
  ],
  [
    'mutations in their order',
    'mutation { a: rename(id: "d1", name: "x") { name ... on Display { label } } fail b: rename(id: "s1", name: "y") { name changeCount } }',
  ],
  ['an error beside data', '{ broken echo }'],
  ['a value that clients may not see', '{ odd echo }'],
  [
    'null where none may be, up to the next that may',
    '{ device(id: "d2") { name ... on Display { panel { serial lamp } } } }',
  ],
  ['the same inside a list', '{ devices { name ... on Display { panel { lamp } } } }'],
  ['introspection beside data', '{ __type(name: "Display") { kind interfaces { name } } __typename echo }'],
  ['introspection by variable', 'query ($name: String!) { __type(name: $name) { name } }', { name: 'Nope' }],
  ['nothing but the type name', '{ __typename }'],
];
