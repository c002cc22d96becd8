import type { Judge } from './example.ts'

/** What is used of Ajv 8, which is a dependency of the kit and not of the workspace root. */
interface Validator {
  (value: unknown): boolean
  errors?: readonly { instancePath: string; message?: string; params: unknown }[] | null
}
interface Ajv {
  addSchema(schema: object): void
  compile(schema: object): Validator
}

/** The bundle of all schemas, as far as it is read here. */
interface Bundle {
  readonly $id: string
  readonly $defs: Readonly<
    Record<
      string,
      { oneOf?: readonly { $ref: string }[]; properties?: { type?: { const?: string; pattern?: string } } }
    >
  >
}

/**
 * Judges frames by the published schemas, in strict mode.
 *
 * @param require - Loads from a package that depends on Ajv 8.
 * @param schemas - Content of `parley.schema.json`.
 */
export function createJudge(require: NodeJS.Require, schemas: unknown): Judge {
  const bundle = schemas as Bundle
  const { Ajv2020 } = require('ajv/dist/2020.js') as { Ajv2020: new (options: object) => Ajv }
  const ajv = new Ajv2020({ strict: true })
  ajv.addSchema(bundle)
  const whole = (union: string) => ajv.compile({ $ref: `${bundle.$id}#/$defs/${union}` })
  const unions = { client: whole('clientMessageInCalls'), server: whole('serverMessageInCalls') }
  const judge = (direction: keyof typeof unions, union: string) => (frame: unknown) => {
    if (unions[direction](frame)) return undefined
    const form = formOf(bundle, union, frame)
    if (form === undefined) return `No message of this type has the direction "${direction}"`
    const validate = ajv.compile({ $ref: form })
    validate(frame)
    const [error] = validate.errors ?? []
    return `${error?.instancePath ?? ''} ${error?.message ?? 'is not valid'} ${JSON.stringify(error?.params)}`.trim()
  }
  return { client: judge('client', 'clientMessage'), server: judge('server', 'serverMessage') }
}

/** The schema for the type of a frame, so that a fault can be told more exactly than "matches none". */
function formOf(bundle: Bundle, union: string, frame: unknown): string | undefined {
  const type = (frame as { type?: unknown }).type
  const reference = bundle.$defs[union]?.oneOf?.find(({ $ref }) => {
    const name = $ref.replace('#/$defs/', '')
    const { const: known, pattern } = bundle.$defs[name]?.properties?.type ?? {}
    return (
      known === type ||
      (pattern !== undefined && typeof type === 'string' && new RegExp(pattern, 'u').test(type))
    )
  })
  return reference && `${bundle.$id}${reference.$ref}`
}
