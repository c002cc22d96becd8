import { isJsonObject, lengthOf, typeOf } from './json-value.ts'
import type { SchemaNode } from './schema-node.ts'

/** What a constraint is about. `characters` is the alphabet of a pattern that bounds the length too, `names` the names of an object. */
export type ConstraintKind =
  | 'required'
  | 'absent'
  | 'type'
  | 'const'
  | 'enum'
  | 'pattern'
  | 'characters'
  | 'names'
  | 'minLength'
  | 'maxLength'
  | 'minItems'
  | 'minimum'
  | 'maximum'
  | 'exclusiveMinimum'

/** One thing that a schema demands at one place. */
export interface Constraint {
  /** Names it: `offer/sdp: required`, `join/room: maxLength 128`, `hello/versions/*: integer`. */
  readonly id: string
  readonly kind: ConstraintKind
  /** Names of members from the message down; `*` stands for any item or name. */
  readonly path: readonly string[]
  /** The bound, the pattern, the allowed values, the JSON types. */
  readonly value: unknown
  /** Whether a value at the place keeps it; of `required` and `absent`, whether the object that would hold the member does. */
  readonly keeps: (value: unknown) => boolean
}

/** A node of a schema with what it demands itself, and nothing of what its children demand. */
export interface Place {
  /** Name of the message, for ids. */
  readonly root: string
  readonly path: readonly string[]
}

/** What a node demands of the type of its value; nothing where any value will do. */
export function typeConstraint({ root, path }: Place, { type, anyOf }: SchemaNode): Constraint | undefined {
  const types = anyOf ? [...new Set(anyOf.flatMap((branch) => branch.type ?? []))] : type ? [type] : []
  if (types.length === 0) return undefined
  return constraint(root, path, 'type', types, types.join(' or '), (value) => {
    const present = typeOf(value)
    return types.includes(present) || (present === 'integer' && types.includes('number'))
  })
}

/** What a node demands of its value beside the type, where the type is right. */
export function ownConstraints(place: Place, schema: SchemaNode): readonly Constraint[] {
  const { root, path } = place
  const found: Constraint[] = []
  const add = (kind: ConstraintKind, value: unknown, keeps: (value: unknown) => boolean, words?: string) => {
    found.push(constraint(root, path, kind, value, words ?? `${kind} ${String(value)}`, keeps))
  }
  if (schema.const !== undefined)
    add('const', schema.const, (value) => value === schema.const, `const ${JSON.stringify(schema.const)}`)
  const { enum: allowed, minItems, minimum, maximum, exclusiveMinimum } = schema
  if (allowed) add('enum', allowed, (value) => allowed.includes(value), 'enum')
  if (schema.pattern !== undefined) found.push(...patternConstraints(place, schema.pattern))
  if (schema.minLength !== undefined) found.push(lengthConstraint(place, 'minLength', schema.minLength))
  if (schema.maxLength !== undefined) found.push(lengthConstraint(place, 'maxLength', schema.maxLength))
  if (minItems !== undefined) add('minItems', minItems, (value) => (value as unknown[]).length >= minItems)
  if (minimum !== undefined) add('minimum', minimum, (value) => (value as number) >= minimum)
  if (maximum !== undefined) add('maximum', maximum, (value) => (value as number) <= maximum)
  if (exclusiveMinimum !== undefined)
    add('exclusiveMinimum', exclusiveMinimum, (value) => (value as number) > exclusiveMinimum)
  const names = namesPattern(schema)
  if (names !== undefined) {
    const pattern = new RegExp(names, 'u')
    add('names', names, (value) => Object.keys(value as object).every((name) => pattern.test(name)))
  }
  for (const name of schema.required ?? [])
    found.push(
      constraint(root, [...path, name], 'required', name, 'required', (value) =>
        Object.hasOwn(value as object, name),
      ),
    )
  for (const [name, member] of Object.entries(schema.properties ?? {}))
    if (member.not)
      found.push(
        constraint(
          root,
          [...path, name],
          'absent',
          name,
          'absent',
          (value) => !Object.hasOwn(value as object, name),
        ),
      )
  return found
}

/** The nodes below a node, each with the values that a value has there. */
export function childrenOf(
  { root, path }: Place,
  { properties = {}, patternProperties = {}, additionalProperties: others, items }: SchemaNode,
  value: unknown,
): readonly (readonly [Place, SchemaNode, readonly unknown[]])[] {
  const members = isJsonObject(value) ? value : {}
  const any: Place = { root, path: [...path, '*'] }
  return [
    ...Object.entries(properties)
      .filter(([, schema]) => schema.not === undefined)
      .map(
        ([name, schema]) =>
          [
            { root, path: [...path, name] },
            schema,
            Object.hasOwn(members, name) ? [members[name]] : [],
          ] as const,
      ),
    ...Object.entries(patternProperties).map(([pattern, schema]) => {
      const matching = Object.keys(members).filter((name) => new RegExp(pattern, 'u').test(name))
      return [any, schema, matching.map((name) => members[name])] as const
    }),
    ...(typeof others === 'object'
      ? [
          [
            any,
            others,
            Object.keys(members)
              .filter((name) => !Object.hasOwn(properties, name))
              .map((name) => members[name]),
          ] as const,
        ]
      : []),
    ...(items ? [[any, items, Array.isArray(value) ? (value as unknown[]) : []] as const] : []),
  ]
}

/**
 * Everything that a schema demands, at every place, each once.
 *
 * @param root - Name of the message, with which each id begins.
 */
export function constraintsOf(root: string, schema: SchemaNode): readonly Constraint[] {
  const byId = new Map(allConstraints({ root, path: [] }, schema).map((each) => [each.id, each]))
  return [...byId.values()]
}

function allConstraints(place: Place, schema: SchemaNode): readonly Constraint[] {
  return [
    ...[typeConstraint(place, schema) ?? []].flat(),
    ...ownConstraints(place, schema),
    ...childrenOf(place, schema, undefined).flatMap(([child, node]) => allConstraints(child, node)),
    ...(schema.anyOf ?? []).flatMap(({ type: _type, ...branch }) => allConstraints(place, branch)),
  ]
}

/** A pattern that bounds the length of strings of one alphabet is two or three constraints, any other is one. */
function patternConstraints({ root, path }: Place, pattern: string): readonly Constraint[] {
  const [, alphabet, least, most = least] =
    /^\^(\[[^\]]+\])(?:\{(\d+)(?:,(\d+))?\}|\*)\$$/.exec(pattern) ?? []
  const matches = (source: string) => {
    const expression = new RegExp(source, 'u')
    return (value: unknown) => expression.test(value as string)
  }
  if (alphabet === undefined)
    return [constraint(root, path, 'pattern', pattern, `pattern ${pattern}`, matches(pattern))]
  return [
    constraint(root, path, 'characters', alphabet, `characters ${alphabet}`, matches(`^${alphabet}*$`)),
    ...(least === undefined || least === '0'
      ? []
      : [lengthConstraint({ root, path }, 'minLength', Number(least))]),
    ...(most === undefined ? [] : [lengthConstraint({ root, path }, 'maxLength', Number(most))]),
  ]
}

function lengthConstraint({ root, path }: Place, kind: 'minLength' | 'maxLength', bound: number): Constraint {
  return constraint(root, path, kind, bound, `${kind} ${String(bound)}`, (value) =>
    kind === 'minLength' ? lengthOf(value as string) >= bound : lengthOf(value as string) <= bound,
  )
}

/** The pattern that all names of an object have to match. */
function namesPattern({
  propertyNames,
  additionalProperties,
  patternProperties,
}: SchemaNode): string | undefined {
  if (additionalProperties === false) return Object.keys(patternProperties ?? {}).join('|')
  return propertyNames?.pattern
}

function constraint(
  root: string,
  path: readonly string[],
  kind: ConstraintKind,
  value: unknown,
  words: string,
  keeps: (value: unknown) => boolean,
): Constraint {
  return { id: `${[root, ...path].join('/')}: ${words}`, kind, path, value, keeps }
}
