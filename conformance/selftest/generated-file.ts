import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { repository } from './running-server.ts'

const repositoryRoot = fileURLToPath(repository)

/**
 * Writes a generated file, formatted, or with `--check` on the command line compares it and ends with 1 when it is stale.
 *
 * @param path - From the top of the repository.
 */
export async function generateFile(path: string, text: string): Promise<void> {
  const file = `${repositoryRoot}${path}`
  const formatted = await format(text, { ...(await resolveConfig(file)), filepath: file })
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, formatted)
  } else if (readGenerated(path) !== formatted) {
    process.stderr.write(`Stale: ${relative(repositoryRoot, file)}. Run: npm run generate\n`)
    process.exitCode = 1
  }
}

/** What a generated file says; `undefined` where there is none yet. */
export function readGenerated(path: string): string | undefined {
  try {
    return readFileSync(`${repositoryRoot}${path}`, 'utf8')
  } catch {
    return undefined
  }
}
