import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'

/** Judges frames by the published JSON Schemas alone, independently of any server's validator. */
export interface SchemaJudge {
  /** Why a frame from the server is not valid, or `undefined`. */
  server(message: Readonly<Record<string, unknown>>): string | undefined
  /** Why a frame of a client is not valid, or `undefined`. */
  client(message: Readonly<Record<string, unknown>>): string | undefined
  /** Whether the schemas have a message of this type that a server may send. */
  knowsServerType(type: string): boolean
}

interface Bundle {
  readonly $id: string
  readonly $defs: Readonly<Record<string, object>>
}

/** Compiles the schemas; the validator of a type is made when it is first needed. */
export function createSchemaJudge(): SchemaJudge {
  const path = createRequire(import.meta.url).resolve('@parley/schemas/json/parley.schema.json')
  const bundle = JSON.parse(readFileSync(path, 'utf8')) as Bundle
  const ajv = new Ajv2020({ strict: true, allErrors: false })
  ajv.addSchema(bundle)
  const validators = new Map<string, ValidateFunction>()
  const validator = (definition: string) => {
    const known = validators.get(definition)
    if (known) return known
    const compiled = ajv.compile({ $ref: `${bundle.$id}#/$defs/${definition}` })
    validators.set(definition, compiled)
    return compiled
  }
  const serverForms = formsOf(bundle, 'serverMessage')
  const clientForms = formsOf(bundle, 'clientMessage')
  const judge = (forms: ReadonlyMap<string, string>, message: Readonly<Record<string, unknown>>) => {
    const form = typeof message['type'] === 'string' ? forms.get(message['type']) : undefined
    if (form === undefined) return `no schema for type ${JSON.stringify(message['type'])} in this direction`
    const validate = validator(form)
    return validate(message) ? undefined : describe(validate.errors ?? [])
  }
  return {
    server: (message) => judge(serverForms, message),
    client: (message) => judge(clientForms, message),
    knowsServerType: (type) => serverForms.has(type),
  }
}

/** From the union of a direction: message type to the definition of its form there. */
function formsOf(bundle: Bundle, union: string): ReadonlyMap<string, string> {
  const { oneOf, anyOf } = bundle.$defs[union] as { oneOf?: { $ref: string }[]; anyOf?: { $ref: string }[] }
  return new Map(
    (oneOf ?? anyOf ?? []).map(({ $ref }) => {
      const definition = $ref.replace(/^.*\/\$defs\//, '')
      const { properties } = bundle.$defs[definition] as { properties: { type: { const: string } } }
      return [properties.type.const, definition]
    }),
  )
}

function describe(errors: readonly ErrorObject[]): string {
  const [error] = errors
  if (!error) return 'does not fit its schema'
  const place = error.instancePath || 'the message'
  return `${place} ${error.message ?? 'does not fit'}${detail(error)}`
}

function detail({ keyword, params }: ErrorObject): string {
  if (keyword === 'enum') return `: ${JSON.stringify((params as { allowedValues: unknown }).allowedValues)}`
  return ''
}
