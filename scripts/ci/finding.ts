/** What came of linting one thing: no words when nothing is wrong. */
export type Finding =
  | { readonly kind: 'ok' }
  | { readonly kind: 'wrong'; readonly words: string }
  /** The linter is not on this machine: nothing was looked at. */
  | { readonly kind: 'not run'; readonly words: string }

/** One linter on one or more files. */
export interface Lint {
  /** The linter's program. */
  readonly linter: string
  /** What it looks at, for people. */
  readonly what: string
  readonly args: readonly string[]
  /** Where it runs; the repository by default. */
  readonly cwd?: string
}
