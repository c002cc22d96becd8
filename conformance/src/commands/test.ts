import { checks } from '../checks/index.ts'
import { help, readCliOptions, type CliOptions } from '../cli-options.ts'
import { readBaseline, type Baseline } from '../engine/baseline.ts'
import { expectedExitCode, withExpectation } from '../engine/expectation.ts'
import type { ConformanceOptions } from '../engine/options.ts'
import type { RunResult } from '../engine/result.ts'
import { runConformance } from '../engine/run.ts'
import { exitCodes } from '../exit-code.ts'
import { kit } from '../kit.ts'
import { paletteFor } from '../report/palette.ts'
import { createProgress } from '../report/progress.ts'
import { openReports } from '../report/report-files.ts'
import type { TerminalStyle } from '../report/problem.ts'
import { heading, terminalReport } from '../report/terminal.ts'
import { UsageError } from './arguments.ts'
import type { CliEnvironment } from './environment.ts'
import { shownUrl } from '../target/shown-url.ts'

/** Tests a server: what the command does unless its first word names another one. */
export async function testCommand(args: readonly string[], environment: CliEnvironment): Promise<number> {
  const { stdout, env } = environment
  const options = readCliOptions(args, env)
  if (options.help) return print(stdout, help)
  if (options.version) return print(stdout, `${kit.version}\n`)
  if (options.list) return print(stdout, list())
  if (options.url === undefined) throw new UsageError('Cannot test without a URL')
  const baseline =
    options.expect === undefined
      ? undefined
      : await readBaseline(options.expect, new Set(checks.map(({ id }) => id)))
  await using files = await openReports(options.reports, { stdout, appendTo: env['GITHUB_STEP_SUMMARY'] })
  const result = await test(options.url, options, environment, baseline)
  await files.write(result)
  return result.expectation ? expectedExitCode(result, result.expectation) : exitCodes[result.verdict]
}

function print(stream: { write(text: string): unknown }, text: string): number {
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
  baseline: Baseline | undefined,
): Promise<RunResult> {
  // Standard output is a report's alone when one is asked for there.
  const out = options.reports.some(({ path }) => path === '-') ? stderr : stdout
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
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    peers: options.peers,
    insecure: options.insecure,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(signal ? { signal } : {}),
    onEvent: (event) => {
      if (event.type === 'start') {
        out.write(`${heading(kit, shownUrl(new URL(url)), event.checks.length, style)}\n`)
        progress.start(event.checks.length)
      }
      if (event.type === 'check') progress.check(event.result)
    },
  }
  const judged = await runConformance(run)
  const result = baseline ? withExpectation(judged, baseline) : judged
  progress.end()
  out.write(terminalReport(result, style))
  return result
}
