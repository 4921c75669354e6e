import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  isTypeDefinitionNode,
  Kind,
  valueFromASTUntyped,
} from 'graphql';
import { z } from 'zod';
import { type Feature, linkedFeatures } from '../refusals.ts';

/** How long a list is taken to be of which the schema says nothing. */
export const UNSIZED_LIST = 10;

/** `@listSize` of the cost specification v0.1, after IBM's "GraphQL Cost Directives". */
export type ListSize = {
  assumedSize: number | null;
  slicingArguments: readonly string[];
  /** Fields of what is returned whose lists have the size; empty: what is returned is the list. */
  sizedFields: readonly string[];
};

/** What the schema says that things cost. */
export type Weights = {
  /** By schema coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
  weightOf: (coordinate: string) => number | undefined;
  listSizeOf: (coordinate: string) => ListSize | undefined;
  /** Whether any input field or argument has a weight: else no values need to be looked at. */
  hasInputWeights: boolean;
};

const importShape = z.array(z.union([z.string(), z.object({ name: z.string(), as: z.string().optional() })]));
const listSizeShape = z.object({
  assumedSize: z.number().int().min(0).nullish(),
  slicingArguments: z.array(z.string()).nullish(),
  sizedFields: z.array(z.string()).nullish(),
});

/** What the directive of the cost specification is called in a supergraph: link specification, "Import". */
function localName(document: DocumentNode, feature: Feature, name: string): string {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const { arguments: args = [] } of (definition.directives ?? []).filter((link) => linksTo(link, feature))) {
      const given = args.find((argument) => argument.name.value === 'import');
      const imports = importShape.safeParse(given === undefined ? [] : valueFromASTUntyped(given.value));
      for (const each of imports.data ?? []) {
        if (each === `@${name}`) return name;
        if (typeof each !== 'string' && each.name === `@${name}`) return (each.as ?? each.name).slice(1);
      }
    }
  }
  return name === feature.name ? feature.localName : `${feature.localName}__${name}`;
}

const linksTo = (link: DirectiveNode, { url }: Feature): boolean =>
  link.arguments?.some(({ value }) => value.kind === Kind.STRING && value.value === url) ?? false;

/** What the supergraph says by `@cost` and `@listSize`; nothing where it does not link the specification. */
export function readWeights(document: DocumentNode): Weights {
  const weights = new Map<string, number>();
  const sizes = new Map<string, ListSize>();
  const feature = linkedFeatures(document).find(({ url }) => url.startsWith('https://specs.apollo.dev/cost/'));
  if (feature === undefined) {
    return { weightOf: () => undefined, listSizeOf: () => undefined, hasInputWeights: false };
  }
  const costName = localName(document, feature, 'cost');
  const sizeName = localName(document, feature, 'listSize');
  let hasInputWeights = false;
  const read = (coordinate: string, directives: readonly ConstDirectiveNode[] = [], isInput = false): void => {
    for (const { name, arguments: args = [] } of directives) {
      if (name.value === costName) {
        const weight = Number(argumentValue(args, 'weight'));
        if (Number.isFinite(weight)) weights.set(coordinate, weight);
        hasInputWeights ||= isInput;
      } else if (name.value === sizeName) {
        const given = Object.fromEntries(args.map((arg) => [arg.name.value, valueFromASTUntyped(arg.value)]));
        const { assumedSize = null, slicingArguments, sizedFields } = listSizeShape.parse(given);
        sizes.set(coordinate, {
          assumedSize,
          slicingArguments: slicingArguments ?? [],
          sizedFields: sizedFields ?? [],
        });
      }
    }
  };
  const readField = (type: string, field: FieldDefinitionNode): void => {
    const coordinate = `${type}.${field.name.value}`;
    read(coordinate, field.directives);
    for (const argument of field.arguments ?? []) {
      read(`${coordinate}(${argument.name.value}:)`, argument.directives, true);
    }
  };
  for (const definition of document.definitions) {
    if (!isTypeDefinitionNode(definition)) continue;
    const type = definition.name.value;
    read(type, definition.directives);
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION) {
      for (const field of definition.fields ?? []) readField(type, field);
    } else if (definition.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) {
      for (const field of definition.fields ?? []) read(`${type}.${field.name.value}`, field.directives, true);
    }
  }
  return {
    weightOf: (coordinate) => weights.get(coordinate),
    listSizeOf: (coordinate) => sizes.get(coordinate),
    hasInputWeights,
  };
}

const argumentValue = (args: readonly { name: { value: string }; value: ConstValueNode }[], name: string): unknown => {
  const found = args.find((argument) => argument.name.value === name);
  return found === undefined ? undefined : valueFromASTUntyped(found.value);
};
