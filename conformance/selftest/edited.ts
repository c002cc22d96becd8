import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  minimalServerFile,
  startMinimalModule,
  type MinimalServerModule,
  type RunningServer,
} from './running-server.ts'
import type { ServerRequirementId } from '@parley/conformance'
import type { Mutant, MutantOptions } from './mutant.ts'

/** Options of a mutant that is an edit of the minimal server. */
interface EditOptions extends Pick<MutantOptions, 'consequences' | 'only'>, Whose {
  /** A second place of the same fault: what stands there, and what does instead. */
  readonly also?: readonly [from: string, to: string]
}

/** Whom an edited server serves. */
interface Whose {
  /** Asks for no authentication. */
  readonly anonymous?: boolean | undefined
  /** Members that a room has place for; not announced when absent. */
  readonly membersPerRoom?: number | undefined
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
  const { anonymous, membersPerRoom, also, ...rest } = options
  const edits = [[from, to] as const, ...(also ? [also] : [])]
  const start = () => startEdited(edits, { anonymous, membersPerRoom })
  return { name, breaks, way: 'miniature', ...rest, start }
}

/**
 * Starts a minimal server whose text is another one, faulty or not.
 *
 * @param edits - What stands there, exactly once, and what does instead.
 */
export async function startEdited(
  edits: readonly (readonly [from: string, to: string])[],
  { anonymous = false, membersPerRoom }: Whose = {},
): Promise<RunningServer> {
  let source = await readFile(minimalServerFile, 'utf8')
  for (const [before, after] of edits) {
    if (source.split(before).length !== 2)
      throw new Error(`Cannot edit the minimal server: not exactly once there: ${before}`)
    source = source.replace(before, () => after)
  }
  // Elsewhere than its packages, so that they have to be named by their files.
  source = source.replace(`'ws'`, () => JSON.stringify(import.meta.resolve('ws')))
  const folder = await mkdtemp(join(tmpdir(), 'parley-edited-'))
  const file = join(folder, 'server.mjs')
  await writeFile(file, source)
  const module = (await import(pathToFileURL(file).href)) as MinimalServerModule
  await rm(folder, { recursive: true })
  return await startMinimalModule(module, !anonymous, membersPerRoom === undefined ? {} : { membersPerRoom })
}
