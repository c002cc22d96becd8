import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { minimalServerFile, startMinimalModule, type MinimalServerModule } from './running-server.ts'
import type { ServerRequirementId } from '@parley/conformance'
import type { Mutant, MutantOptions } from './mutant.ts'

/** Options of a mutant that is an edit of the minimal server. */
interface EditOptions extends Pick<MutantOptions, 'consequences' | 'only'> {
  /** A second place of the same fault: what stands there, and what does instead. */
  readonly also?: readonly [from: string, to: string]
  /** Asks for no authentication. */
  readonly anonymous?: boolean
  /** Members that a room has place for; not announced when absent. */
  readonly membersPerRoom?: number
}

/**
 * A fault made in the text of the minimal server, as a slip of its author would make it.
 *
 * @param from - What stands there, exactly once.
 * @param to - What stands there instead.
 */
export function edited(
  name: string,
  breaks: ServerRequirementId,
  from: string,
  to: string,
  options: EditOptions = {},
): Mutant {
  const { anonymous = false, membersPerRoom, also, ...rest } = options
  const start = async () => {
    let source = await readFile(minimalServerFile, 'utf8')
    for (const [before, after] of [[from, to] as const, ...(also ? [also] : [])]) {
      if (source.split(before).length !== 2)
        throw new Error(`Cannot edit the minimal server for "${name}": not exactly once there: ${before}`)
      source = source.replace(before, () => after)
    }
    // Elsewhere than its packages, so that they have to be named by their files.
    source = source.replace(`'ws'`, () => JSON.stringify(import.meta.resolve('ws')))
    const folder = await mkdtemp(join(tmpdir(), 'parley-edited-'))
    const file = join(folder, 'server.mjs')
    await writeFile(file, source)
    const module = (await import(pathToFileURL(file).href)) as MinimalServerModule
    await rm(folder, { recursive: true })
    return await startMinimalModule(
      module,
      !anonymous,
      membersPerRoom === undefined ? {} : { membersPerRoom },
    )
  }
  return { name, breaks, way: 'miniature', ...rest, start }
}
