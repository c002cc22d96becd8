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

/** What has been judged so far. */
class Tally {
  total = 0
  #done = 0
  #failed = 0

  take({ verdict }: CheckResult): void {
    this.#done += 1
    if (verdict === 'fail') this.#failed += 1
  }

  get count(): string {
    return `${String(this.#done).padStart(String(this.total).length)}/${String(this.total)}`
  }

  /** How many have failed so far; what is asked again, or could not run for another failure, counts no more at the end. Nothing while none has. */
  get failures(): string | undefined {
    return this.#failed === 0 ? undefined : `${String(this.#failed)} failed so far`
  }
}

function liveProgress(stream: ProgressStream, { dim, red }: Palette): Progress {
  const tally = new Tally()
  const clear = '\r\u001B[2K'
  return {
    start: (total) => {
      tally.total = total
    },
    check: (result) => {
      tally.take(result)
      const { count, failures } = tally
      const room = Math.max(0, (stream.columns ?? 80) - count.length - 2)
      const words = (failures ?? result.id).slice(0, room)
      stream.write(`${clear}${count} ${(failures ? red : dim)(words)}`)
    },
    end: () => {
      stream.write(clear)
    },
  }
}

/** Milliseconds between two lines of progress: a log is to show that the run goes on, and no more. */
const betweenLinesMs = 10_000

function lineProgress(stream: ProgressStream, now: () => number): Progress {
  const tally = new Tally()
  let last = 0
  return {
    start: (total) => {
      tally.total = total
      last = now()
    },
    check: (result) => {
      tally.take(result)
      if (now() - last < betweenLinesMs) return
      last = now()
      const { count, failures } = tally
      stream.write(`${count.trimStart()} checks${failures ? `, ${failures}` : ''}\n`)
    },
    end: () => undefined,
  }
}
