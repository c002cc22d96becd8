import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { BaselineSchema, RunResultSchema } from '@parley/conformance'
import { format, resolveConfig } from 'prettier'

/** Writes the JSON Schemas of a run's result and of a file of known failures, or with `--check` compares them. */
const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
const folder = fileURLToPath(new URL('../conformance/json/', import.meta.url))
const schemas = { 'result.schema.json': RunResultSchema, 'baseline.schema.json': BaselineSchema }
for (const [name, schema] of Object.entries(schemas)) {
  const file = `${folder}${name}`
  const text = await format(JSON.stringify(schema), { ...(await resolveConfig(file)), filepath: file })
  if (!values.check) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, text)
  } else if (read(file) !== text) {
    console.error(`Stale: conformance/json/${name}. Run: npm run generate`)
    process.exitCode = 1
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
