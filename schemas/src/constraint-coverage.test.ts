import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { brokenByAjv } from './constraint-error.test.support.ts'
import { constraintsOf, type Constraint } from './constraint.ts'
import { isJsonObject, typeOf } from './json-value.ts'
import { constraintBrokenBy, constraintsOfMessage, type MessageForm } from './message-constraint.ts'
import { publishedForms } from './published-form.ts'
import { fixtures, publishedSchemas, type Fixture, type JsonObject } from './published.test.support.ts'
import type { SchemaNode } from './schema-node.ts'

const definitions = publishedSchemas.get('common.schema.json')?.['$defs'] as Record<string, JsonObject>
const ajv = new Ajv2020({ strict: true, allErrors: true, verbose: true })

/** One form of a message, as it is published. */
interface Form {
  readonly name: string
  readonly type: string
  readonly form: MessageForm
  readonly constraints: readonly Constraint[]
  readonly validate: ValidateFunction
}

const forms: readonly Form[] = [...publishedSchemas.keys()]
  .filter((file) => !/^(common|parley)\./.test(file))
  .map((file) => {
    const [type = '', delivered] = file.split('.')
    const form = delivered === 'delivered' ? 'delivered' : 'sent'
    const schema = dereferenced(publishedSchemas.get(file)) as SchemaNode
    const name = form === 'sent' ? type : `${type}.delivered`
    return { name, type, form, constraints: constraintsOf(name, schema), validate: ajv.compile(schema) }
  })

/** A published schema with what it refers to in place, so that Ajv says where in it an error stands. */
function dereferenced(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(dereferenced)
  if (!isJsonObject(schema)) return schema
  const { $ref, ...own } = schema
  const referred = typeof $ref === 'string' ? definitions[$ref.split('/').at(-1) ?? ''] : undefined
  const { title: _title, ...whole } = { ...referred, ...own }
  return Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, dereferenced(value)]))
}

/** What counts as a fixture of a form: of a relayed one also each sent message with `from`, which is what its receiver reads. */
function fixturesOf({ type, form }: Form): readonly Fixture[] {
  const own = fixtures.filter((fixture) => fixture.type === type)
  const isRelayed = publishedForms.some(({ name, direction }) => name === type && direction === 'relayed')
  if (form === 'sent' || !isRelayed) return own.filter((fixture) => fixture.form === form)
  return own.flatMap((fixture) => {
    const { message } = fixture
    if (fixture.form === 'delivered') return [fixture]
    return isJsonObject(message) && !('from' in message)
      ? [{ ...fixture, message: { ...message, from: 'Qm5vdGFzZWNyZXQ_a1b2' } }]
      : []
  })
}

function errorsOf({ validate }: Form, message: unknown): readonly ErrorObject[] {
  return validate(message) ? [] : (validate.errors ?? [])
}

function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  const [first, ...rest] = path
  if (first === undefined) return [value]
  if (typeof value !== 'object' || value === null) return []
  if (first === '*') return Object.values(value).flatMap((item) => valuesAt(item, rest))
  return Object.hasOwn(value, first) ? valuesAt((value as JsonObject)[first], rest) : []
}

/** The first value beyond a bound; of texts and lists, how long they are. */
function neighbourOf({ kind, value }: Constraint): number | undefined {
  if (kind === 'exclusiveMinimum') return Number(value)
  if (kind === 'minimum' || kind === 'minLength' || kind === 'minItems') return Number(value) - 1
  return kind === 'maximum' || kind === 'maxLength' ? Number(value) + 1 : undefined
}

function measure(value: unknown): unknown {
  return typeof value === 'string' || Array.isArray(value) ? value.length : value
}

/** What of the good side of a constraint its valid fixtures do not show. */
function unshown({ kind, path, value }: Constraint, valid: readonly Fixture[]): readonly unknown[] {
  const present = valid.flatMap(({ message }) => valuesAt(message, path))
  switch (kind) {
    case 'absent':
      return valid.some(({ message }) => valuesAt(message, path.slice(0, -1)).length > 0)
        ? []
        : ['its absence']
    case 'enum':
      return (value as readonly unknown[]).filter((each) => !present.includes(each))
    case 'type':
      return (value as readonly string[]).filter(
        (type) =>
          !present.some((each) => typeOf(each) === type || (type === 'number' && typeof each === 'number')),
      )
    case 'minLength':
    case 'maxLength':
    case 'minItems':
      return present.some((each) => (each as string | unknown[]).length === value) ? [] : [value]
    case 'minimum':
    case 'maximum':
      return present.includes(value) ? [] : [value]
    case 'exclusiveMinimum':
      return present.some((each) => Number(each) - Number(value) < 1)
        ? []
        : [`a value just above ${String(value)}`]
    case 'required':
    case 'const':
    case 'pattern':
    case 'characters':
    case 'names':
      return present.length > 0 ? [] : ['any value']
  }
}

test('every constraint of what is published is known by its id, and no other', () => {
  for (const { name, type, form, constraints } of forms) {
    const ids = constraintsOfMessage(type, form).map(({ id }) => id)
    expect(ids.toSorted(), name).toEqual(constraints.map(({ id }) => id).toSorted())
  }
})

describe.each(forms)('$name', (form) => {
  const own = fixturesOf(form)

  test('each constraint is broken, alone and just beyond its bound, by an invalid fixture', () => {
    const invalid = own
      .filter(({ valid }) => !valid)
      .map(({ message }) => ({ message, broken: brokenByAjv(form.name, errorsOf(form, message)) }))
    const open = form.constraints.filter((constraint) => {
      const neighbour = neighbourOf(constraint)
      return !invalid.some(
        ({ message, broken }) =>
          broken.includes(constraint.id) &&
          (neighbour === undefined || valuesAt(message, constraint.path).map(measure).includes(neighbour)),
      )
    })
    expect(open.map(({ id }) => id)).toEqual([])
  })

  test('each constraint is kept, at its bound, by a valid fixture', () => {
    const valid = own.filter((fixture) => fixture.valid)
    const open = form.constraints.flatMap((constraint) =>
      unshown(constraint, valid).map((what) => `${constraint.id}: ${String(what)}`),
    )
    expect(open).toEqual([])
  })

  test('what a fixture breaks is what Ajv says', () => {
    for (const { name, message } of own) {
      const found = constraintBrokenBy(form.type, message, form.form).map(({ id }) => id)
      expect(found.toSorted(), name).toEqual(brokenByAjv(form.name, errorsOf(form, message)))
    }
  })
})
