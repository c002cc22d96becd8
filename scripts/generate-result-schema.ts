import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { RunResultSchema } from '@parley/conformance'
import { format, resolveConfig } from 'prettier'

/** Writes the JSON Schema of a run's result, or with `--check` compares it. */
const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
const file = fileURLToPath(new URL('../conformance/json/result.schema.json', import.meta.url))
const text = await format(JSON.stringify(RunResultSchema), { ...(await resolveConfig(file)), filepath: file })
if (values.check) {
  if (read(file) !== text) {
    console.error('Stale: conformance/json/result.schema.json. Run: npm run generate')
    process.exitCode = 1
  }
} else {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
