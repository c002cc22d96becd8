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

/**
 * One line that is written over on a terminal; elsewhere a line now and then, since the report says first what is wrong.
 *
 * @param now - Milliseconds of a clock.
 */
export function createProgress(
  stream: ProgressStream,
  palette: Palette,
  now: () => number = () => performance.now(),
): Progress {
  return stream.isTTY ? liveProgress(stream, palette) : lineProgress(stream, now)
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

/** Milliseconds between two lines of progress: a log is to show that the run goes on, and no more. */
const betweenLinesMs = 10_000

function lineProgress(stream: ProgressStream, now: () => number): Progress {
  let total = 0
  let done = 0
  let failed = 0
  let last = 0
  return {
    start: (count) => {
      total = count
      last = now()
    },
    check: ({ verdict }) => {
      done += 1
      if (verdict === 'fail') failed += 1
      if (now() - last < betweenLinesMs) return
      last = now()
      const failures = failed > 0 ? `, ${String(failed)} failed` : ''
      stream.write(`${String(done)}/${String(total)} checks${failures}\n`)
    },
    end: () => undefined,
  }
}
