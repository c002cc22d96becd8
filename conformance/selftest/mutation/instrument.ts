import { Instrumenter } from '@stryker-mutator/instrumenter'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { asideReason } from './aside.ts'

/** One small change of the code. */
export interface CodeMutant {
  /** Switches it on; differs from build to build. */
  readonly id: string
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** The line of the file in which it begins, without the blanks around it. */
  readonly source: string
  readonly mutator: string
  readonly original: string
  readonly replacement: string
  /** Tells it from its likes on lines of the same text: 0 for the first in the file. */
  readonly nth: number
  /** Why it is not judged, if it is not. */
  readonly aside?: string
}

/** What tells a mutant apart from build to build, in one text; line numbers and ids move. */
export function keyOf({
  file,
  source,
  mutator,
  original,
  replacement,
  nth,
}: Omit<CodeMutant, 'id' | 'line' | 'aside'>): string {
  return JSON.stringify([file, source, mutator, original, replacement, nth]).replace(/\\n\s*/g, ' ')
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
 * Puts all mutants of the files into one copy of them, each behind a switch.
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
    { plugins: null, excludedMutations: [], ignorers: [{ shouldIgnore: asideReason }] },
  )
  const seen = new Map<string, number>()
  return {
    sources: new Map(files.map(({ name, content }) => [name, content])),
    mutants: mutants.map(({ id, fileName, location, mutatorName, replacement, statusReason }) => {
      const text = contents.get(fileName) ?? ''
      const mutant = {
        id,
        file: fileName,
        line: location.start.line + 1,
        source: (text.split('\n')[location.start.line] ?? '').trim(),
        mutator: mutatorName,
        original: excerpt(text, location),
        replacement,
      }
      const key = keyOf({ ...mutant, nth: 0 })
      const nth = seen.get(key) ?? 0
      seen.set(key, nth + 1)
      return { ...mutant, nth, ...(statusReason === undefined ? {} : { aside: statusReason }) }
    }),
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
