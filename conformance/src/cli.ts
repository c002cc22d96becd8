import { open, type FileHandle } from 'node:fs/promises'
import { checks } from './checks/index.ts'
import { help, readCliOptions, UsageError, type CliOptions } from './cli-options.ts'
import type { ConformanceOptions } from './engine/options.ts'
import type { RunResult } from './engine/result.ts'
import { runConformance } from './engine/run.ts'
import { SelectionError } from './engine/select.ts'
import { exitCodes } from './exit-code.ts'
import { kit } from './kit.ts'
import { paletteFor } from './report/palette.ts'
import { createProgress, type ProgressStream } from './report/progress.ts'
import { heading, terminalReport, type TerminalStyle } from './report/terminal.ts'
import { CredentialError } from './target/credential.ts'
import { TargetProblem } from './target/preflight.ts'

/** Where the command writes, and what it may read; the process's own by default. */
export interface CliEnvironment {
  readonly stdout: ProgressStream
  readonly stderr: ProgressStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal
}

/**
 * Runs the command.
 *
 * @param args - Arguments without program and script.
 * @returns The exit code: see {@link exitCodes}.
 */
export async function main(args: readonly string[], environment: CliEnvironment = process): Promise<number> {
  const { stdout, stderr } = environment
  try {
    const options = readCliOptions(args, environment.env)
    if (options.help) return print(stdout, help)
    if (options.version) return print(stdout, `${kit.version}\n`)
    if (options.list) return print(stdout, list())
    if (options.url === undefined) throw new UsageError('Cannot test without a URL')
    // Before the run: a result that cannot be written would be found out too late.
    await using file = await openJson(options.json)
    return exitCodes[(await test(options.url, options, environment, file)).verdict]
  } catch (error) {
    const [code, hint] = explain(error)
    const words =
      error instanceof Error
        ? code === exitCodes['kit-error']
          ? (error.stack ?? error.message)
          : error.message
        : String(error)
    stderr.write(`parley-conformance: ${words}\n${hint}`)
    return code
  }
}

function explain(error: unknown): readonly [number, string] {
  if (error instanceof UsageError || error instanceof SelectionError || error instanceof CredentialError) {
    return [exitCodes.usage, 'Try --help.\n']
  }
  if (error instanceof TargetProblem) {
    return [error.kind === 'unreachable' ? exitCodes.unreachable : exitCodes.incomplete, '']
  }
  return [exitCodes['kit-error'], 'This is a fault of the kit, not of the server; please report it.\n']
}

function print(stream: ProgressStream, text: string): number {
  stream.write(text)
  return 0
}

function list(): string {
  const width = Math.max(...checks.map(({ id }) => id.length))
  return checks
    .map(
      ({ id, requirement, title, peers }) =>
        `${id.padEnd(width)}  ${requirement.level.padEnd(10)}  ${title}${peers ? ' (real peers)' : ''}\n`,
    )
    .join('')
}

async function test(
  url: string,
  options: CliOptions,
  { stdout, stderr, signal }: CliEnvironment,
  file: FileHandle | undefined,
): Promise<RunResult> {
  // Standard output is the JSON's alone when it is asked for there.
  const out = options.json === '-' ? stderr : stdout
  const palette = paletteFor(out, options.noColor)
  const style: TerminalStyle = { palette, columns: out.columns ?? 100, verbose: options.verbose }
  const progress = createProgress(out, palette)
  const run: ConformanceOptions = {
    url,
    tokens: options.tokens,
    checks: options.checks,
    ...(options.filter === undefined ? {} : { filter: options.filter }),
    exhaustive: options.exhaustive,
    timeoutScale: options.timeoutScale,
    concurrency: options.concurrency,
    peers: options.peers,
    insecure: options.insecure,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(signal ? { signal } : {}),
    onEvent: (event) => {
      if (event.type === 'start') {
        out.write(`${heading(kit, url, event.checks.length, style)}\n`)
        progress.start(event.checks.length)
      }
      if (event.type === 'check') progress.check(event.result)
    },
  }
  const result = await runConformance(run)
  progress.end()
  out.write(terminalReport(result, style))
  const json = `${JSON.stringify(result, null, 2)}\n`
  if (options.json === '-') stdout.write(json)
  await file?.truncate()
  await file?.writeFile(json)
  return result
}

async function openJson(path: string | undefined): Promise<FileHandle | undefined> {
  if (path === undefined || path === '-') return undefined
  try {
    return await open(path, 'a')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new UsageError(`Cannot write the result to "${path}": ${code}`, { cause })
  }
}
