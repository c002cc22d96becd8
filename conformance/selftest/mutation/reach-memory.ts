import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SwiftReach } from './reach.ts'
import { situations, type Situation } from './situation.ts'
import { repositoryRoot } from './subject.ts'

const memoryFile = join(repositoryRoot, 'node_modules/.cache/parley-mutation-reach.json')

/**
 * Hands out what the kit reaches, as it was found when server, kit and situations were exactly what they are now; otherwise looks.
 *
 * @param entry - The module of the mutated server.
 */
export async function remembered(entry: string, look: () => Promise<SwiftReach>): Promise<SwiftReach> {
  const digest = digestOf(situations, [
    join(dirname(entry), '../../../..'),
    join(repositoryRoot, 'conformance/dist'),
  ])
  const known = recall(digest)
  if (known !== undefined) return known
  const reach = await look()
  writeFileSync(
    memoryFile,
    JSON.stringify({ digest, reach }, (_name, value: unknown) => packed(value)),
  )
  return reach
}

function recall(digest: string): SwiftReach | undefined {
  try {
    const memory = JSON.parse(readFileSync(memoryFile, 'utf8'), (_name, value: unknown) =>
      unpacked(value),
    ) as {
      digest: string
      reach: SwiftReach
    }
    return memory.digest === digest ? memory.reach : undefined
  } catch {
    // None yet, or cut off in the middle.
    return undefined
  }
}

function packed(value: unknown): unknown {
  if (value instanceof Set) return { set: [...value] }
  return value instanceof Map ? { map: [...value] } : value
}

function unpacked(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { set, map } = value as { readonly set?: unknown; readonly map?: unknown }
  if (Array.isArray(set)) return new Set<unknown>(set)
  return Array.isArray(map) ? new Map(map as [unknown, unknown][]) : value
}

function digestOf(setUp: readonly Situation[], folders: readonly string[]): string {
  // When a long life ends moves with the clock, and says nothing.
  const hash = createHash('sha256').update(JSON.stringify(setUp).replace(/"expiresAt":\d+/, ''))
  for (const folder of folders) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    for (const name of names.filter((file) => file.endsWith('.js')).toSorted())
      hash.update(name).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex')
}
