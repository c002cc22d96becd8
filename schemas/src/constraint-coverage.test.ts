import { expect, test } from 'vitest'
import {
  ajvErrors,
  fixtures,
  pointerOf,
  publishedSchemas,
  tokensOf,
  type Fixture,
  type JsonObject,
} from './published.test.support.ts'

/** One thing a schema demands at one place; `*` in the path stands for any item or name. */
interface Constraint {
  readonly path: readonly string[]
  readonly keyword: string
  readonly value: unknown
}

const definitions = publishedSchemas.get('common.schema.json')?.['$defs'] as Record<string, JsonObject>

const demands = new Set([
  ...['type', 'const', 'enum', 'pattern', 'minLength', 'maxLength', 'minItems', 'not'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'propertyNames', 'required', 'additionalProperties'],
])
const annotations = new Set(['$schema', '$id', '$ref', 'title', 'description', 'examples'])

function constraintsOf(schema: JsonObject, path: readonly string[] = []): Constraint[] {
  const reference = typeof schema['$ref'] === 'string' ? schema['$ref'].split('/').at(-1) : undefined
  const found = reference === undefined ? [] : constraintsOf(definitions[reference] ?? {}, path)
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'required')
      found.push(...(value as string[]).map((name) => ({ path, keyword, value: name })))
    else if (demands.has(keyword)) found.push({ path, keyword, value })
    else if (keyword === 'properties') {
      for (const [name, field] of Object.entries(value as JsonObject)) {
        found.push(...constraintsOf(field as JsonObject, [...path, name]))
      }
    } else if (keyword === 'patternProperties') {
      for (const field of Object.values(value as JsonObject))
        found.push(...constraintsOf(field as JsonObject, [...path, '*']))
    } else if (keyword === 'items') found.push(...constraintsOf(value as JsonObject, [...path, '*']))
    else if (keyword === 'anyOf')
      for (const branch of value as JsonObject[]) found.push(...constraintsOf(branch, path))
    else if (!annotations.has(keyword)) throw new Error(`Unknown keyword "${keyword}"`)
  }
  return found
}

/** The sent form, and of a delivered one what only it demands. */
function forms(): [string, Fixture['form'], Constraint[]][] {
  const names = [...publishedSchemas.keys()].filter((name) => !/^(common|parley)\./.test(name))
  return names.map((name) => {
    const [type = '', form] = name.split('.')
    const constraints = constraintsOf(publishedSchemas.get(name) ?? {})
    if (form !== 'delivered') return [type, 'sent', constraints]
    const sent = new Set(constraintsOf(publishedSchemas.get(`${type}.schema.json`) ?? {}).map(nameOf))
    return [type, 'delivered', constraints.filter((constraint) => !sent.has(nameOf(constraint)))]
  })
}

function nameOf({ path, keyword, value }: Constraint): string {
  return `/${path.join('/')} ${keyword} ${JSON.stringify(value)}`
}

function matches(path: readonly string[], tokens: readonly string[]): boolean {
  return (
    path.length === tokens.length && path.every((token, index) => token === '*' || token === tokens[index])
  )
}

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [first, ...rest] = path
  if (first === undefined) return [value]
  if (typeof value !== 'object' || value === null) return []
  if (first === '*') return Object.values(value).flatMap((item) => valuesAt(item, rest))
  return Object.hasOwn(value, first) ? valuesAt((value as JsonObject)[first], rest) : []
}

/** A value that is only just allowed, and its neighbour that is not; of patterns and lengths, how long they are. */
interface Bound {
  readonly allowed: number
  readonly refused: number
}

const least = (bound: number): Bound => ({ allowed: bound, refused: bound - 1 })
const most = (bound: number): Bound => ({ allowed: bound, refused: bound + 1 })

function boundsOf({ keyword, value }: Constraint): Bound[] {
  if (keyword === 'pattern') {
    const [, from, to = from] = /\{(\d+)(?:,(\d+))?\}\$$/.exec(String(value)) ?? []
    return from === undefined ? [] : [least(Number(from)), most(Number(to))]
  }
  if (['minimum', 'minLength', 'minItems'].includes(keyword)) return [least(Number(value))]
  return ['maximum', 'maxLength'].includes(keyword) ? [most(Number(value))] : []
}

function measure(value: unknown): unknown {
  return typeof value === 'string' || Array.isArray(value) ? value.length : value
}

test.each(forms())(
  'every constraint of %s, %s, is broken by an invalid fixture',
  (type, form, constraints) => {
    const own = fixtures.filter((fixture) => fixture.type === type && fixture.form === form && !fixture.valid)
    const broken = own.flatMap(({ message, pointer }) =>
      ajvErrors(type, form, message).filter((error) => pointerOf(error) === pointer),
    )
    const uncovered = constraints.filter(
      ({ path, keyword, value }) =>
        !broken.some(
          (error) =>
            error.keyword === keyword &&
            matches(path, tokensOf(error.instancePath)) &&
            (keyword !== 'required' || (error.params as JsonObject)['missingProperty'] === value),
        ),
    )
    expect(uncovered.map(nameOf)).toEqual([])
  },
)

test.each(forms())('both sides of every bound of %s, %s, are in the fixtures', (type, form, constraints) => {
  const own = fixtures.filter((fixture) => fixture.type === type && fixture.form === form)
  const measuresAt = (path: readonly string[], valid: boolean) =>
    new Set(
      own
        .filter((fixture) => fixture.valid === valid)
        .flatMap(({ message }) => valuesAt(message, path).map(measure)),
    )
  const unreached = constraints.filter((constraint) => {
    const allowed = measuresAt(constraint.path, true)
    const refused = measuresAt(constraint.path, false)
    return boundsOf(constraint).some(
      (bound) => !allowed.has(bound.allowed) || (bound.refused >= 0 && !refused.has(bound.refused)),
    )
  })
  expect(unreached.map(nameOf)).toEqual([])
})
