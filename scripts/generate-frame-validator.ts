import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Ajv2020 } from 'ajv/dist/2020.js'
import standalone from 'ajv/dist/standalone/index.js'

/**
 * Writes the kit's frame validators, or with `--check` compares them: Ajv's own code for the published JSON Schemas, made ahead because to
 * make it at the start of each run took a fifth of the run.
 */
/** Key words that are for readers only. */
const annotations: ReadonlySet<string> = new Set(['title', 'description', 'examples'])

const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
const file = path('../conformance/src/generated/frame-validator.ts')
const text = validatorModule()
if (values.check) {
  if (read(file) !== text) {
    console.error('Stale: conformance/src/generated/frame-validator.ts. Run: npm run generate')
    process.exitCode = 1
  }
} else {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

interface Bundle {
  readonly $id: string
  readonly $defs: Readonly<Record<string, unknown>>
}

interface Form {
  /** Type of the message. */
  readonly type: string
  /** Name of its definition in the bundle. */
  readonly definition: string
}

function validatorModule(): string {
  const bundle = JSON.parse(readFileSync(path('../schemas/json/parley.schema.json'), 'utf8')) as Bundle
  const ajv = new Ajv2020({ strict: true, inlineRefs: false, code: { source: true, esm: true } })
  ajv.addSchema(withoutAnnotations(bundle))
  const directions = {
    serverValidators: formsOf(bundle, 'serverMessage'),
    clientValidators: formsOf(bundle, 'clientMessage'),
    serverCallValidators: formsOf(bundle, 'serverMessageInCalls'),
    clientCallValidators: formsOf(bundle, 'clientMessageInCalls'),
  }
  const definitions = new Set(
    Object.values(directions)
      .flat()
      .map(({ definition }) => definition),
  )
  const exported = Object.fromEntries(
    Array.from(definitions, (name) => [exportName(name), `${bundle.$id}#/$defs/${name}`]),
  )
  const code = standalone.default(ajv, exported)
  const tables = Object.entries(directions).map(([table, forms]) => {
    const lines = forms.map(({ type, definition }) => `  '${type}': ${exportName(definition)},`)
    return `/** By type of message. */\nexport const ${table}: unknown = {\n${lines.join('\n')}\n}\n`
  })
  return [
    '// @ts-nocheck: code that Ajv made.',
    '// Generated from schemas/json/parley.schema.json by scripts/generate-frame-validator.ts: change that, not this file.',
    "import { createRequire } from 'node:module'",
    '',
    // Ajv asks for its runtime by `require`, which a module has to make for itself.
    'const require = createRequire(import.meta.url)',
    code.replace('"use strict";', '').replaceAll('export const ', 'const '),
    '',
    ...tables,
  ].join('\n')
}

function exportName(definition: string): string {
  return `valid${definition.replaceAll(/(?:^|\W)(\w)/g, (_match, letter: string) => letter.toUpperCase())}`
}

/** The same schema without what is for readers only; the names of members are kept, whatever they are. */
function withoutAnnotations<T>(schema: T, names = false): T {
  if (Array.isArray(schema)) return schema.map((each: unknown) => withoutAnnotations(each)) as T
  if (typeof schema !== 'object' || schema === null) return schema
  const kept = Object.entries(schema)
    .filter(([name]) => names || !annotations.has(name))
    .map(([name, value]) => [
      name,
      withoutAnnotations(value as unknown, !names && /^(properties|patternProperties|\$defs)$/.test(name)),
    ])
  return Object.fromEntries(kept) as T
}

/** From the union of a direction: message type and the definition of its form there. */
function formsOf(bundle: Bundle, union: string): Form[] {
  const { oneOf, anyOf } = bundle.$defs[union] as { oneOf?: { $ref: string }[]; anyOf?: { $ref: string }[] }
  return (oneOf ?? anyOf ?? []).flatMap(({ $ref }) => {
    const definition = $ref.replace(/^.*\/\$defs\//, '')
    const { properties } = bundle.$defs[definition] as { properties?: { type: { const?: string } } }
    // The type of a custom message is its application's: the table calls it by a name that no type on the wire has.
    // A union within a union has a table of its own.
    return properties === undefined ? [] : [{ type: properties.type.const ?? 'custom', definition }]
  })
}

function path(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}

function read(name: string): string | undefined {
  try {
    return readFileSync(name, 'utf8')
  } catch {
    return undefined
  }
}
