import {
  type ExecutionResult,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Disguise } from '../response-names.ts';
import { type Conditions, collectFields, type ParentType } from './collect.ts';
import { introspect, isIntrospection } from './introspection.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { leafCheck } from './leaves.ts';

/** A null that one of the errors explains. */
const FAILED = Symbol('failed');
/** The same where none may be: the object or list around it is lost. */
const BUBBLE = Symbol('bubble');

/** One answer under construction: where we are in it, and what did not fit. */
type Completion = { path: (string | number)[]; errors: GraphQLError[]; variables: Record<string, unknown> };
type Complete = (value: unknown, run: Completion) => unknown;
type FieldShape = { answered: string; complete: (holder: JsonObject, run: Completion) => unknown };

export type ShapeSource = {
  /** What clients see. */
  schema: GraphQLSchema;
  operation: OperationDefinitionNode;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  disguised: Disguise;
  conditions: Conditions;
};

/**
 * Makes the client's answer of what the services brought: the fields that were asked for, in their order and under the client's
 * names, each fitting its type. Reads `data` and changes nothing in it.
 */
export type Shape = (data: JsonObject, variables: Record<string, unknown>) => ExecutionResult;

function fail(run: Completion, message: string): typeof FAILED {
  run.errors.push(
    new GraphQLError(message, { path: [...run.path], extensions: { code: 'SUBGRAPH_INVALID_RESPONSE' } }),
  );
  return FAILED;
}

/** Compiles the shape of an operation's answers; the fields of a type are looked up once, when it first comes. */
export function compileShape(source: ShapeSource): Shape {
  const { schema, operation, disguised } = source;
  const rootType = schema.getRootType(operation.operation);
  if (rootType == null) throw new Error(`The schema has no root type for a ${operation.operation}`);

  const completerOf = (type: GraphQLOutputType, nodes: readonly FieldNode[], what: string): Complete => {
    if (isNonNullType(type)) return nonNull(completerOf(type.ofType, nodes, what), what);
    if (isListType(type)) {
      const element = `array element of type ${type.ofType}`;
      return listOf(completerOf(type.ofType, nodes, element), what);
    }
    if (isLeafType(type)) {
      const fits = leafCheck(type);
      return (value, run) => {
        if (value === null || value === undefined) return null;
        return fits(value) ? value : fail(run, `Invalid value found for ${what}.`);
      };
    }
    return objectOf(type, nodes, what);
  };

  const objectOf = (type: ParentType, nodes: readonly FieldNode[], what: string): Complete => {
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const known = new Map<string, FieldShape[] | null>();
    const shapeFor = (name: string): FieldShape[] | null => {
      const found = known.get(name);
      if (found !== undefined) return found;
      const actual = schema.getType(name);
      const fields = isCompositeType(actual) ? fieldsOf(actual, sets) : null;
      // What services name is theirs to choose: only names of the schema are worth remembering.
      if (fields !== null) known.set(name, fields);
      return fields;
    };
    return (value, run) => {
      if (value === null || value === undefined) return null;
      if (!isJsonObject(value)) return fail(run, `Invalid value found for ${what}.`);
      const name = value.__typename ?? type.name;
      const fields = typeof name === 'string' ? shapeFor(name) : null;
      if (fields === null) return fail(run, `Invalid __typename found for object at ${what}.`);
      return complete(fields, value, run);
    };
  };

  const fieldsOf = (parent: ParentType, sets: readonly SelectionSetNode[]): FieldShape[] =>
    [...collectFields(source, parent, sets)].map(([fetched, nodes]) => {
      const answered = disguised.get(fetched) ?? fetched;
      const name = nodes[0]?.name.value ?? '';
      if (name === '__typename') return { answered, complete: typeName(fetched, parent) };
      if (isIntrospection(name)) {
        return { answered, complete: (_holder, run) => introspect(source, nodes, run.variables) };
      }
      const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
      if (field === undefined) throw new Error(`${parent.name} has no field ${name}`);
      const completeValue = completerOf(field.type, nodes, `field ${parent.name}.${answered}`);
      // Such a name would find what every object inherits.
      const isInherited = fetched in Object.prototype;
      return {
        answered,
        complete: (holder, run) =>
          completeValue(isInherited && !Object.hasOwn(holder, fetched) ? null : holder[fetched], run),
      };
    });

  /** The name of the concrete type: of types that clients may not see nothing is told. */
  const typeName =
    (fetched: string, parent: ParentType): FieldShape['complete'] =>
    (holder) => {
      const own = Object.hasOwn(holder, fetched) ? holder[fetched] : null;
      const named = typeof own === 'string' ? schema.getType(own) : undefined;
      if (isObjectType(named)) return named.name;
      // A service that knows an interface as one object names that; the key's own name is the concrete one.
      const { __typename: known } = holder;
      const type = typeof known === 'string' ? (schema.getType(known) ?? parent) : (named ?? parent);
      return isObjectType(type) ? type.name : BUBBLE;
    };

  const roots = fieldsOf(rootType, [operation.selectionSet]);
  return (data, variables) => {
    const run: Completion = { path: [], errors: [], variables };
    const completed = complete(roots, data, run);
    return { data: completed === FAILED ? null : (completed as JsonObject), errors: run.errors };
  };
}

function complete(fields: readonly FieldShape[], holder: JsonObject, run: Completion): unknown {
  const completed: JsonObject = {};
  for (const field of fields) {
    run.path.push(field.answered);
    const value = field.complete(holder, run);
    run.path.pop();
    if (value === BUBBLE) return FAILED;
    if (field.answered === '__proto__') {
      Object.defineProperty(completed, '__proto__', { value: value === FAILED ? null : value, enumerable: true });
    } else {
      completed[field.answered] = value === FAILED ? null : value;
    }
  }
  return completed;
}

const nonNull =
  (inner: Complete, what: string): Complete =>
  (value, run) => {
    const completed = inner(value, run);
    if (completed === null) {
      fail(run, `Cannot return null for non-nullable ${what}.`);
      return BUBBLE;
    }
    return completed === FAILED ? BUBBLE : completed;
  };

const listOf =
  (element: Complete, what: string): Complete =>
  (value, run) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return fail(run, `Invalid value found for ${what}.`);
    const completed: unknown[] = [];
    let isLost = false;
    for (let index = 0; index < value.length; index += 1) {
      run.path.push(index);
      const item = element(value[index], run);
      run.path.pop();
      if (item === BUBBLE) isLost = true;
      completed.push(item === FAILED ? null : item);
    }
    return isLost ? FAILED : completed;
  };
