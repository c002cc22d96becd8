import type { ProgressStream } from '../report/progress.ts'

/** Where the command writes, and what it may read; the process's own by default. */
export interface CliEnvironment {
  readonly stdout: ProgressStream
  readonly stderr: ProgressStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
}
