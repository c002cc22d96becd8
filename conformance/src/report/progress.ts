import type { CheckResult } from '../engine/result.ts'
import type { Palette } from './palette.ts'

/** Shows a run while it goes on. */
export interface Progress {
  start(total: number): void
  check(result: CheckResult): void
  /** Removes what is only for the moment. */
  end(): void
}

/** Where progress is shown. */
export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** One line that is written over on a terminal; a line for each check that needs attention elsewhere. */
export function createProgress(stream: ProgressStream, palette: Palette): Progress {
  return stream.isTTY ? liveProgress(stream, palette) : lineProgress(stream)
}

function liveProgress(stream: ProgressStream, { dim, red }: Palette): Progress {
  let total = 0
  let done = 0
  let failed = 0
  const clear = '\r\u001B[2K'
  return {
    start: (count) => {
      total = count
    },
    check: (result) => {
      done += 1
      if (result.verdict === 'fail') failed += 1
      const count = `${String(done).padStart(String(total).length)}/${String(total)}`
      const room = Math.max(0, (stream.columns ?? 80) - count.length - 16)
      const failures = failed > 0 ? red(` ${String(failed)} failed`) : ''
      stream.write(`${clear}${count}${failures} ${dim(result.id.slice(0, room))}`)
    },
    end: () => {
      stream.write(clear)
    },
  }
}

const worthALine: ReadonlySet<string> = new Set([
  'fail',
  'warn',
  'could-not-run',
  'inconclusive',
  'kit-error',
])

function lineProgress(stream: ProgressStream): Progress {
  return {
    start: () => undefined,
    check: ({ verdict, id, title }) => {
      if (worthALine.has(verdict)) stream.write(`${verdict}: ${id}: ${title}\n`)
    },
    end: () => undefined,
  }
}
