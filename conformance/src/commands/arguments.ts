/** The command was called wrongly; the message says how. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Reads arguments with Node's `parseArgs`, whose own errors become those of the command. */
export function readArguments<Result>(parse: () => Result): Result {
  try {
    return parse()
  } catch (error) {
    // Node's own message advises on positionals after its first sentence, which would mislead here.
    const [first = 'Cannot read the command line'] = (error instanceof Error ? error.message : '').split('. ')
    throw new UsageError(first.replace(/\.$/, ''), { cause: error })
  }
}
