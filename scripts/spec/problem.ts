/** Something wrong in a page of the specification. */
export interface Problem {
  /** Path of the page below `spec/`. */
  readonly file: string
  /** Line, counted from 1. */
  readonly line: number
  /** What is wrong, in one sentence. */
  readonly message: string
}

/** Writes a problem so that an editor can jump to it. */
export function describeProblem({ file, line, message }: Problem): string {
  return `spec/${file}:${String(line)}: ${message}`
}
