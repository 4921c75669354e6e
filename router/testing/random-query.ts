import { seededRandom } from '@wheelhouse/kit/seeded-random.ts';
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  parse,
  validate,
} from 'graphql';

export type RandomQuery = { query: string; variables: Record<string, unknown> };

const MAX_DEPTH = 4;
/** Aliases that meet other fields and the names of keys; that fields do not conflict is left to validation. */
const ALIASES = ['a', 'b', 'c', 'id', 'name', 'status', 'level', 'kind'];
/** Argument values by name where a random one would find nothing. */
const IDS = ['d1', 's1', 'd2', 'nope'];

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #random: () => number;
  readonly #fragments: { name: string; on: string; text: string }[] = [];
  readonly #declared: string[] = [];
  readonly variables: Record<string, unknown> = {};

  constructor(schema: GraphQLSchema, random: () => number) {
    this.#schema = schema;
    this.#random = random;
  }

  write(): string {
    const root = this.#chance(0.15) ? this.#schema.getMutationType() : this.#schema.getQueryType();
    if (root == null) throw new Error('the schema has no such root type');
    const set = this.#set(root, 0);
    const keyword = root === this.#schema.getQueryType() ? 'query' : 'mutation';
    const declared = this.#declared.length > 0 ? ` (${this.#declared.join(', ')})` : '';
    const fragments = this.#fragments.map(({ name, on, text }) => ` fragment ${name} on ${on} ${text}`);
    return `${keyword}${declared} ${set}${fragments.join('')}`;
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.#random() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** A variable of the type, declared and given a value, or left to its default. */
  #variable(type: string, value: unknown, defaultText?: string): string {
    const name = `v${this.#declared.length}`;
    this.#declared.push(`$${name}: ${type}${defaultText === undefined ? '' : ` = ${defaultText}`}`);
    if (defaultText === undefined || this.#chance(0.5)) this.variables[name] = value;
    return `$${name}`;
  }

  #condition(): string {
    if (!this.#chance(0.2)) return '';
    const value = this.#chance(0.6);
    const text = this.#chance(0.3)
      ? `${value}`
      : this.#chance(0.5)
        ? this.#variable('Boolean!', value)
        : this.#variable('Boolean', value, `${!value}`);
    return ` @${this.#pick(['skip', 'include'])}(if: ${text})`;
  }

  #argument({ name, type }: GraphQLArgument): string {
    const isRequired = isNonNullType(type);
    if (!isRequired && this.#chance(0.4)) return '';
    const named = getNamedType(type);
    const isList = isListType(isNonNullType(type) ? type.ofType : type);
    const value = isEnumType(named)
      ? this.#pick(named.getValues()).name
      : named.name === 'Int'
        ? Math.floor(this.#random() * 5)
        : this.#pick(IDS);
    const given = isList && this.#chance(0.7) ? [value, value] : value;
    if (this.#chance(0.5))
      return `${name}: ${this.#variable(`${type}`, isRequired || this.#chance(0.8) ? given : null)}`;
    return `${name}: ${isEnumType(named) ? String(given) : JSON.stringify(given)}`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const alias = this.#chance(0.25) ? `${this.#pick(ALIASES)}: ` : '';
    const args = field.args.map((arg) => this.#argument(arg)).filter((text) => text !== '');
    const named = getNamedType(field.type);
    const set = isCompositeType(named) ? ` ${this.#set(named, depth + 1)}` : '';
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${this.#condition()}${set}`;
  }

  #set(parent: GraphQLCompositeType, depth: number): string {
    const fields = isUnionType(parent) ? [] : Object.values(parent.getFields());
    const usable = depth < MAX_DEPTH ? fields : fields.filter(({ type }) => !isCompositeType(getNamedType(type)));
    const selections: string[] = [];
    for (let count = 1 + Math.floor(this.#random() * 4); count > 0; count -= 1) {
      if (depth > 0 && this.#chance(0.3)) selections.push(this.#fragment(parent, depth));
      else if (usable.length === 0 || this.#chance(0.1))
        selections.push(`${this.#chance(0.3) ? 'kind: ' : ''}__typename`);
      else selections.push(this.#field(this.#pick(usable), depth));
    }
    return `{ ${selections.join(' ')} }`;
  }

  #fragment(parent: GraphQLCompositeType, depth: number): string {
    const known = this.#fragments.filter(({ on }) => on === parent.name);
    if (known.length > 0 && this.#chance(0.3)) return `...${this.#pick(known).name}${this.#condition()}`;
    const types = isObjectType(parent)
      ? [parent, ...parent.getInterfaces()]
      : [parent, ...this.#schema.getPossibleTypes(parent)];
    const on = this.#pick(types.filter((type) => isObjectType(type) || isInterfaceType(type)));
    const text = this.#set(on, depth + 1);
    if (this.#chance(0.6)) return `... on ${on.name}${this.#condition()} ${text}`;
    const name = `F${this.#fragments.length}`;
    this.#fragments.push({ name, on: on.name, text });
    return `...${name}${this.#condition()}`;
  }
}

/** A valid query or mutation on the schema with its variables, the same for the same seed. */
export function randomQuery(schema: GraphQLSchema, seed: number): RandomQuery {
  const random = seededRandom(seed);
  for (;;) {
    const writer = new Writer(schema, random);
    const query = writer.write();
    if (validate(schema, parse(query)).length === 0) return { query, variables: writer.variables };
  }
}
