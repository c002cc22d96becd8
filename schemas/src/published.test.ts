import { describe, expect, test } from 'vitest'
import { publishedForms } from './published-form.ts'
import {
  ajvErrors,
  bundleAccepts,
  publishedSchemas,
  sideOf,
  strictAjv,
  type JsonObject,
} from './published.test.support.ts'

const base = 'https://parley-protocol.org/schemas/1/'

function everySchema(value: unknown, place = ''): [string, JsonObject][] {
  if (typeof value !== 'object' || value === null) return []
  const nested = Object.entries(value)
    .filter(([name]) => name !== 'examples')
    .flatMap(([name, item]) => everySchema(item, `${place}/${name}`))
  return Array.isArray(value) ? nested : [[place, value as JsonObject], ...nested]
}

describe.each([...publishedSchemas])('%s', (name, schema) => {
  test('names its dialect, itself and its purpose', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `${base}${name}`,
    })
    expect(schema['title']).toBeTypeOf('string')
    expect(schema['description']).toMatch(/\.$/)
  })

  test('describes every field', () => {
    const silent = everySchema(schema)
      .filter(([place]) => /\/(properties|patternProperties|\$defs)\/[^/]+$/.test(place))
      .filter(([, field]) => field['description'] === undefined && field['$ref'] === undefined)
    expect(silent.map(([place]) => place)).toEqual([])
  })

  test('has patterns that RE2 and ECMAScript read alike', () => {
    for (const [, field] of everySchema(schema)) {
      const patterns = [field['pattern'], ...Object.keys(field['patternProperties'] ?? {})]
      for (const pattern of patterns.filter((item): item is string => typeof item === 'string')) {
        expect(pattern).toMatch(/^\^.*\$?\)?$/)
        expect(pattern).not.toMatch(/\(\?|\\/)
        for (const [, count] of pattern.matchAll(/\{\d*,?(\d+)\}/g))
          expect(Number(count)).toBeLessThanOrEqual(1000)
      }
    }
  })
})

test('separate files compile strictly together, the bundle alone', () => {
  const separate = [...publishedSchemas]
    .filter(([name]) => name !== 'parley.schema.json')
    .map(([, schema]) => schema)
  const ajv = strictAjv(separate)
  for (const { $id } of separate) expect(ajv.getSchema(String($id))).toBeTypeOf('function')
  const bundle = publishedSchemas.get('parley.schema.json') ?? {}
  expect(strictAjv([bundle]).getSchema(`${base}parley.schema.json`)).toBeTypeOf('function')
  for (const [, { $ref }] of everySchema(bundle)) expect($ref ?? '#').toMatch(/^#/)
})

test.each(publishedForms)(
  'examples of $name are valid in every published form',
  ({ name, schema, delivered }) => {
    const sent = schema['examples'] as unknown[]
    expect(sent.length).toBeGreaterThan(0)
    for (const example of sent) {
      expect(ajvErrors(name, 'sent', example)).toEqual([])
      expect(bundleAccepts(sideOf(name, 'sent'), example)).toBe(true)
    }
    for (const example of (delivered?.['examples'] ?? []) as unknown[]) {
      expect(ajvErrors(name, 'delivered', example)).toEqual([])
      expect(bundleAccepts(sideOf(name, 'delivered'), example)).toBe(true)
    }
  },
)
