import { UsageError } from './commands/arguments.ts'
import { compareCommand } from './commands/compare.ts'
import type { CliEnvironment } from './commands/environment.ts'
import { completionCommand } from './commands/completion.ts'
import { expectCommand } from './commands/expect.ts'
import { fuzzCommand } from './commands/fuzz.ts'
import { testCommand } from './commands/test.ts'
import { SelectionError } from './engine/select.ts'
import { exitCodes } from './exit-code.ts'
import { InputError } from './input/json-input.ts'
import { ReportFileError } from './report/report-files.ts'
import { CredentialError } from './target/credential.ts'
import { TargetOptionError } from './target/option-error.ts'
import { TargetProblem } from './target/target-problem.ts'

const usageErrors = [UsageError, SelectionError, CredentialError, TargetOptionError]

/**
 * Runs the command.
 *
 * @param args - Arguments without program and script.
 * @returns The exit code: see {@link exitCodes}.
 */
export async function main(args: readonly string[], environment: CliEnvironment = process): Promise<number> {
  try {
    const [first, ...rest] = args
    if (first === 'compare') return await compareCommand(rest, environment)
    if (first === 'completion') return completionCommand(rest, environment)
    if (first === 'expect') return await expectCommand(rest, environment)
    if (first === 'fuzz') return await fuzzCommand(rest, environment)
    return await testCommand(args, environment)
  } catch (error) {
    const [code, hint] = explain(error)
    const words =
      error instanceof Error
        ? code === exitCodes['kit-error']
          ? (error.stack ?? error.message)
          : error.message
        : String(error)
    environment.stderr.write(`parley-conformance: ${words}\n${hint}`)
    return code
  }
}

function explain(error: unknown): readonly [number, string] {
  if (usageErrors.some((kind) => error instanceof kind)) {
    return [exitCodes.usage, 'Try --help.\n']
  }
  if (error instanceof ReportFileError || error instanceof InputError) return [exitCodes.usage, '']
  if (error instanceof TargetProblem) {
    return [error.kind === 'unreachable' ? exitCodes.unreachable : exitCodes.incomplete, '']
  }
  return [exitCodes['kit-error'], 'This is a fault of the kit, not of the server; please report it.\n']
}
