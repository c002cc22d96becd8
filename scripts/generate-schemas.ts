/**
 * Writes `schemas/json/` from the definitions in `schemas/src/`: `tsx scripts/generate-schemas.ts [--check]`.
 *
 * With `--check` nothing is written: files that are missing, differ or do not belong are listed, and the exit code is 1.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type * as Schemas from '@parley/schemas'
import { format, resolveConfig } from 'prettier'

// The sources, not the built package: a stale build must not decide what is published.
const sources = new URL('../schemas/src/index.ts', import.meta.url)
const {
  callForms,
  capabilities,
  custom,
  closeCodeOf,
  errorCodeOf,
  errorCodes,
  limits,
  messages,
  protocolVersion,
  publishedForms,
  sharedFields,
  standardCloseCodes,
} = (await import(sources.href)) as typeof Schemas

const base = `https://parley-protocol.org/schemas/${protocolVersion}/`
const dialect = 'https://json-schema.org/draft/2020-12/schema'
const folder = fileURLToPath(new URL('../schemas/json/', import.meta.url))

type Json = null | boolean | number | string | readonly Json[] | JsonObject
interface JsonObject {
  readonly [name: string]: Json
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Drops TypeBox's symbols. */
const plain = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject

const shared = new Map(Object.entries(sharedFields).map(([name, field]) => [name, plain(field)]))

/** The members of a schema with shared fields as references, relative to `definitions`. */
function members(schema: JsonObject, definitions: string): JsonObject {
  if (isUnionOfWords(schema)) {
    const { anyOf, ...rest } = schema
    return { ...rest, type: 'string', enum: anyOf.map((word) => word.const) }
  }
  const entries = Object.entries(schema).flatMap(([keyword, value]): [string, Json][] => {
    if (keyword === 'examples') return [[keyword, value]]
    if (keyword === 'properties' || keyword === 'patternProperties') {
      const properties = Object.entries(value as Record<string, JsonObject>)
      if (properties.length === 0) return []
      return [
        [keyword, Object.fromEntries(properties.map(([name, field]) => [name, refer(field, definitions)]))],
      ]
    }
    if (Array.isArray(value))
      return [[keyword, value.map((item: Json) => (isObject(item) ? refer(item, definitions) : item))]]
    return [[keyword, isObject(value) ? refer(value, definitions) : value]]
  })
  return Object.fromEntries(entries)
}

function refer(schema: JsonObject, definitions: string): JsonObject {
  const name = typeof schema['title'] === 'string' ? schema['title'] : ''
  const definition = shared.get(name)
  if (definition === undefined) return members(schema, definitions)
  const $ref = `${definitions}${name}`
  return schema['description'] === definition['description']
    ? { $ref }
    : { $ref, description: schema['description'] ?? '' }
}

function isUnionOfWords(schema: JsonObject): schema is JsonObject & { anyOf: { const: string }[] } {
  const words = schema['anyOf']
  return (
    Array.isArray(words) && words.every((word: Json) => isObject(word) && typeof word['const'] === 'string')
  )
}

function commonDefinitions(): JsonObject {
  return Object.fromEntries([...shared].map(([name, field]) => [name, members(field, '#/$defs/')]))
}

/** Every form of every message by its name: the type (`call-` before it for the form in a call), or that and `.delivered`. */
function forms(definitions: string): Map<string, JsonObject> {
  return new Map(
    publishedForms.flatMap(({ name, schema, delivered }) => {
      const sent: [string, JsonObject] = [name, members(plain(schema), definitions)]
      return delivered === undefined
        ? [sent]
        : [sent, [`${name}.delivered`, members(plain(delivered), definitions)]]
    }),
  )
}

function bundle(): JsonObject {
  const reference = (name: string) => ({ $ref: `#/$defs/${name}` })
  const sentByClient = [...messages, custom].filter(({ direction }) => direction !== 'server')
  const readByClient = [...messages, custom].filter(({ direction }) => direction !== 'client')
  return {
    $schema: dialect,
    $id: `${base}parley.schema.json`,
    title: 'Parley',
    description:
      'Every message of the Parley signaling protocol, Core and capabilities, in one self-contained schema.',
    examples: messages.flatMap(({ schema }) => (plain(schema)['examples'] as readonly Json[]).slice(0, 1)),
    anyOf: [reference('clientMessageInCalls'), reference('serverMessageInCalls')],
    $defs: {
      clientMessage: {
        title: 'ClientMessage',
        description: 'Any message that a client sends, relayed ones included.',
        oneOf: sentByClient.map(({ type }) => reference(type)),
      },
      serverMessage: {
        title: 'ServerMessage',
        description:
          "Any message that a client receives: the server's own, and relayed ones as they are delivered.",
        oneOf: readByClient.map(({ type, delivered }) =>
          reference(delivered === undefined ? type : `${type}.delivered`),
        ),
      },
      clientMessageInCalls: {
        title: 'ClientMessageInCalls',
        description:
          'Any message that a client sends where the capability calls is in force: negotiation may stand in a call instead of a room.',
        oneOf: [reference('clientMessage'), ...callForms.map(({ name }) => reference(name))],
      },
      serverMessageInCalls: {
        title: 'ServerMessageInCalls',
        description:
          'Any message that a client receives where the capability calls is in force: negotiation may stand in a call instead of a room.',
        oneOf: [reference('serverMessage'), ...callForms.map(({ name }) => reference(`${name}.delivered`))],
      },
      ...Object.fromEntries(forms('#/$defs/')),
      ...commonDefinitions(),
    },
  }
}

/** What each capability brings: its messages, and the schema of its parameters in `welcome`. */
function capabilityTable(): JsonObject {
  return Object.fromEntries(
    Object.entries(capabilities).map(([name, { summary, parameters }]) => {
      const own = publishedForms.filter(({ capability }) => capability === name).map((form) => form.name)
      return [
        name,
        { summary, messages: own, parameters: members(plain(parameters), 'common.schema.json#/$defs/') },
      ]
    }),
  )
}

function closeCodes(): JsonObject {
  const standard = Object.entries(standardCloseCodes).map(([code, summary]) => [code, { summary }] as const)
  const own = Object.values(errorCodes)
    .flatMap((definition) => ('closeCode' in definition ? [definition.closeCode] : []))
    .sort((one, other) => one - other)
    .map((code) => {
      const error = errorCodeOf(code)
      if (error === undefined || closeCodeOf(error) !== code)
        throw new Error(`Close code ${code} has no error code`)
      return [String(code), { error, summary: errorCodes[error].summary }] as const
    })
  return Object.fromEntries<Json>([...standard, ...own])
}

function generate(): Map<string, JsonObject> {
  const files = new Map<string, JsonObject>()
  for (const [name, schema] of forms('common.schema.json#/$defs/')) {
    files.set(`${name}.schema.json`, { $schema: dialect, $id: `${base}${name}.schema.json`, ...schema })
  }
  files.set('common.schema.json', {
    $schema: dialect,
    $id: `${base}common.schema.json`,
    title: 'Common definitions',
    description: 'The fields that the messages of the Parley signaling protocol share.',
    $defs: commonDefinitions(),
  })
  files.set('parley.schema.json', bundle())
  files.set('capabilities.json', capabilityTable())
  files.set('error-codes.json', plain(errorCodes))
  files.set('close-codes.json', closeCodes())
  files.set('limits.json', plain(limits))
  return files
}

const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values
mkdirSync(folder, { recursive: true })
const present = new Set(readdirSync(folder))
const files = generate()
const stale: string[] = []
for (const [name, content] of files) {
  const text = await format(JSON.stringify(content), { ...(await resolveConfig(folder)), parser: 'json' })
  if (present.has(name) && readFileSync(`${folder}${name}`, 'utf8') === text) continue
  stale.push(name)
  if (!check) writeFileSync(`${folder}${name}`, text)
}
for (const name of present) {
  if (files.has(name)) continue
  stale.push(name)
  if (!check) rmSync(`${folder}${name}`)
}
for (const name of stale) console.log(`${check ? 'stale' : 'updated'}: schemas/json/${name}`)
if (check && stale.length > 0) process.exitCode = 1
