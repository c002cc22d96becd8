import { Instrumenter } from '@stryker-mutator/instrumenter'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One small change of the code. */
export interface CodeMutant {
  /** Switches it on; differs from build to build. */
  readonly id: string
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly mutator: string
  readonly original: string
  readonly replacement: string
}

const quiet = () => undefined

/** Stryker's instrumenter wants a log. */
const silent = {
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  fatal: quiet,
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
}

/**
 * Puts all mutants of the files into one copy of them, each behind a switch: `__STRYKER_ACTIVE_MUTANT__` in the environment.
 *
 * @param names - Paths from `root`.
 */
export async function instrument(
  root: string,
  names: readonly string[],
): Promise<{ readonly sources: ReadonlyMap<string, string>; readonly mutants: readonly CodeMutant[] }> {
  const contents = new Map(names.map((name) => [name, readFileSync(join(root, name), 'utf8')]))
  const { files, mutants } = await new Instrumenter(silent).instrument(
    [...contents].map(([name, content]) => ({ name, mutate: true, content })),
    { plugins: null, excludedMutations: [], ignorers: [] },
  )
  return {
    sources: new Map(files.map(({ name, content }) => [name, content])),
    mutants: mutants.map(({ id, fileName, location, mutatorName, replacement }) => ({
      id,
      file: fileName,
      line: location.start.line + 1,
      mutator: mutatorName,
      original: excerpt(contents.get(fileName) ?? '', location),
      replacement,
    })),
  }
}

interface Place {
  readonly line: number
  readonly column: number
}

/** Lines and columns are counted from 0 here. */
function excerpt(text: string, { start, end }: { readonly start: Place; readonly end: Place }): string {
  const lines = text.split('\n').slice(start.line, end.line + 1)
  const last = lines.length - 1
  lines[last] = lines[last]?.slice(0, end.column) ?? ''
  lines[0] = lines[0]?.slice(start.column) ?? ''
  return lines.join('\n')
}
