import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { publishedForms } from './published-form.ts'

/** Any JSON object; published files are read as data, not as types. */
export interface JsonObject {
  readonly [name: string]: unknown
}

/** One file of `fixtures/<type>/{valid,invalid}/`; of the form in a call the folder is `call-<type>`. */
export interface Fixture {
  readonly name: string
  readonly type: string
  readonly valid: boolean
  readonly description: string
  readonly form: 'sent' | 'delivered'
  readonly reason?: string
  readonly pointer?: string
  readonly message: unknown
}

const packageFolder = new URL('../', import.meta.url)

function readJson(path: string): JsonObject {
  return JSON.parse(readFileSync(new URL(path, packageFolder), 'utf8')) as JsonObject
}

/** Every published schema by the name of its file. */
export const publishedSchemas: ReadonlyMap<string, JsonObject> = new Map(
  readdirSync(new URL('json/', packageFolder))
    .filter((name) => name.endsWith('.schema.json'))
    .map((name) => [name, readJson(`json/${name}`)]),
)

/** A published data table. */
export function publishedTable(name: 'error-codes' | 'close-codes' | 'limits'): JsonObject {
  return readJson(`json/${name}.json`)
}

/** Every fixture. */
export const fixtures: readonly Fixture[] = readdirSync(new URL('fixtures/', packageFolder), {
  withFileTypes: true,
})
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name: type }) => [...fixturesIn(type, 'valid'), ...fixturesIn(type, 'invalid')])

function fixturesIn(type: string, verdict: 'valid' | 'invalid'): Fixture[] {
  const folder = `fixtures/${type}/${verdict}/`
  return readdirSync(new URL(folder, packageFolder)).map((file) => ({
    ...(readJson(`${folder}${file}`) as unknown as Fixture),
    name: `${type}/${verdict}/${file}`,
    type,
    valid: verdict === 'valid',
  }))
}

/** An Ajv as strict as it gets, which knows the given schemas and nothing else. */
export function strictAjv(schemas: Iterable<JsonObject>): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allErrors: true })
  for (const schema of schemas) ajv.addSchema(schema)
  return ajv
}

const separate = strictAjv(
  [...publishedSchemas].filter(([name]) => name !== 'parley.schema.json').map(([, s]) => s),
)
const bundled = strictAjv([publishedSchemas.get('parley.schema.json') ?? {}])
const base = 'https://parley-protocol.org/schemas/1/'

function compiled(ajv: Ajv2020, id: string): ValidateFunction {
  const validate = ajv.getSchema(`${base}${id}`)
  if (validate === undefined) throw new Error(`No published schema "${id}"`)
  return validate
}

/** What Ajv holds against a value by the published schema of one message. */
export function ajvErrors(type: string, form: Fixture['form'], value: unknown): readonly ErrorObject[] {
  const validate = compiled(separate, `${type}${form === 'delivered' ? '.delivered' : ''}.schema.json`)
  return validate(value) ? [] : (validate.errors ?? [])
}

/** Whether the bundle takes a value for any message of one side. */
export function bundleAccepts(side: Side, value: unknown): boolean {
  return compiled(bundled, `parley.schema.json#/$defs/${side}`)(value)
}

/** A union of the bundle. */
export type Side = `${'client' | 'server'}Message${'' | 'InCalls'}`

/** Who reads a form of a message: the server what a client sends, a client everything else. */
export function sideOf(name: string, form: Fixture['form']): Side {
  const published = publishedForms.find((each) => each.name === name)
  const side = form === 'sent' && published?.direction !== 'server' ? 'clientMessage' : 'serverMessage'
  return published === undefined || published.name === published.type ? side : `${side}InCalls`
}

/** The reference tokens of a JSON Pointer (RFC 6901). */
export function tokensOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** The place an Ajv error is about, as fixtures name it: of an unwanted member the member itself. */
export function pointerOf({ keyword, instancePath, params, propertyName }: ErrorObject): string {
  const extra: unknown =
    keyword === 'additionalProperties'
      ? (params as JsonObject)['additionalProperty']
      : (propertyName ?? (params as JsonObject)['propertyName'])
  if (typeof extra !== 'string') return instancePath
  return `${instancePath}/${extra.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
