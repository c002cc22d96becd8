import type { ProgressStream } from '../report/progress.ts'
import type { Keyboard } from '../watch/keyboard.ts'

/** Where the command writes, and what it may read; the process's own by default. */
export interface CliEnvironment {
  readonly stdout: ProgressStream
  readonly stderr: ProgressStream
  /** Where `--watch` reads keys. */
  readonly stdin?: Keyboard
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
}
