/** What stands behind a flag: nothing, any text, a file, or one of some words. */
export type CompletableValue = 'none' | 'text' | 'file' | readonly string[]

/** A flag as a shell completes it. */
export interface CompletableFlag {
  /** Without its two dashes. */
  readonly name: string
  readonly short?: string
  readonly value: CompletableValue
}

/** A command as a shell completes it: shells know the rest. */
export interface Completable {
  readonly program: string
  readonly flags: readonly CompletableFlag[]
  /** Further commands, with what stands behind each. */
  readonly commands: Readonly<Record<string, CompletableValue>>
}
