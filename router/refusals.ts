import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  isTypeDefinitionNode,
  Kind,
  type TypeDefinitionNode,
} from 'graphql';

/** A directive as it stands in a supergraph: `coordinate` is the schema coordinate of what it is applied to. */
export type Application = { directive: ConstDirectiveNode; coordinate: string };

/**
 * Features of federation that this version would have to act upon and does not. Auth directives that nobody enforces would
 * serve guarded fields to everybody; Apollo's executor has no code for context arguments and would call resolvers without them.
 */
const REFUSED: Record<string, string> = {
  policy: 'this router does not enforce policies yet and would serve the field to everybody',
  context: 'arguments set from context are not carried by the executor',
  fromContext: 'arguments set from context are not carried by the executor',
  connect: 'connectors are not carried by the executor',
  source: 'connectors are not carried by the executor',
};

/** Features that are enforced on fields, by what a service for accounts says of who asks. */
const GUARDS = ['authenticated', 'requiresScopes'];

/** What `FeatureUrl` of the specs.apollo.dev family says: identity and version. */
const FEATURE_URL = /^(?<identity>.*\/(?<name>[A-Za-z_]\w*))\/v(?<major>\d+)\.(?<minor>\d+)$/;

export type Feature = { url: string; name: string; localName: string; version: string; purpose: string | null };

export function stringArgument(directive: ConstDirectiveNode, name: string): string | null {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : null;
}

/** The features that the schema links, by `@link(url:)` of Federation 2 or `@core(feature:)` of the draft before it. */
export function linkedFeatures(document: DocumentNode): Feature[] {
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) return [];
    return (definition.directives ?? []).flatMap((directive) => {
      const url = stringArgument(directive, 'url') ?? stringArgument(directive, 'feature');
      const parts = url === null ? undefined : FEATURE_URL.exec(url)?.groups;
      if (url === null || parts === undefined) return [];
      const name = parts.name ?? '';
      return {
        url,
        name,
        localName: stringArgument(directive, 'as') ?? name,
        version: `${parts.major}.${parts.minor}`,
        purpose: stringArgument(directive, 'for'),
      };
    });
  });
}

function ofType(definition: TypeDefinitionNode): Application[] {
  const type = definition.name.value;
  const at = (coordinate: string, node: { readonly directives?: readonly ConstDirectiveNode[] | undefined }) =>
    (node.directives ?? []).map((directive) => ({ directive, coordinate }));
  const own = at(type, definition);
  switch (definition.kind) {
    case Kind.OBJECT_TYPE_DEFINITION:
    case Kind.INTERFACE_TYPE_DEFINITION:
      return own.concat(
        (definition.fields ?? []).flatMap((field: FieldDefinitionNode) => {
          const coordinate = `${type}.${field.name.value}`;
          const args = (field.arguments ?? []).flatMap((arg) => at(`${coordinate}(${arg.name.value}:)`, arg));
          return at(coordinate, field).concat(args);
        }),
      );
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return own.concat((definition.fields ?? []).flatMap((field) => at(`${type}.${field.name.value}`, field)));
    case Kind.ENUM_TYPE_DEFINITION:
      return own.concat((definition.values ?? []).flatMap((value) => at(`${type}.${value.name.value}`, value)));
    default:
      return own;
  }
}

/** Every directive application on types, fields, arguments and values. */
export function applications(document: DocumentNode): Application[] {
  return document.definitions.flatMap((definition) => (isTypeDefinitionNode(definition) ? ofType(definition) : []));
}

/**
 * Why the supergraph can't be served as its author means it, one line each with the first few coordinates; empty when it can.
 *
 * @param hasAccounts whether there is a service that says who asks
 */
export function refusals(features: Feature[], all: Application[], hasAccounts: boolean): string[] {
  const reasons: string[] = [];
  const guards = features.flatMap(({ name, localName }) => (GUARDS.includes(name) ? localName : []));
  for (const { directive, coordinate } of all) {
    if (!guards.includes(directive.name.value)) continue;
    const isOnField = /^[^.(]+\.[^.(]+$/.test(coordinate);
    const why = isOnField
      ? hasAccounts
        ? null
        : 'no service of the supergraph says who asks: there must be one named "accounts"'
      : 'only rules on fields are enforced here';
    if (why !== null) reasons.push(`@${directive.name.value} at ${coordinate}: ${why}`);
  }
  for (const { name, localName, url } of features) {
    const reason = REFUSED[name];
    if (reason === undefined) continue;
    const used = all.filter(({ directive: { name: applied } }) => {
      return applied.value === localName || applied.value.startsWith(`${localName}__`);
    });
    const places = used.slice(0, 5).map(({ coordinate }) => coordinate);
    if (places.length > 0) {
      const more = used.length > places.length ? ` and ${used.length - places.length} more` : '';
      reasons.push(`@${localName} at ${places.join(', ')}${more}: ${reason}`);
    } else {
      reasons.push(`the schema links ${url}: ${reason}`);
    }
  }
  for (const { directive, coordinate } of all) {
    if (directive.arguments?.some(({ name }) => name.value === 'contextArguments') === true) {
      reasons.push(`@fromContext at ${coordinate}: ${REFUSED.fromContext}`);
    }
  }
  return reasons;
}
