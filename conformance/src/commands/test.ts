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
import { createProgress, type ProgressStream } from '../report/progress.ts'
import { openReports, type ReportFiles } from '../report/report-files.ts'
import type { TerminalStyle } from '../report/problem.ts'
import { heading, terminalReport } from '../report/terminal.ts'
import { UsageError } from './arguments.ts'
import type { CliEnvironment } from './environment.ts'
import { readReach } from '../target/reach.ts'
import { shownUrl } from '../target/shown-url.ts'
import { parseTarget } from '../target/target-url.ts'
import { Patience } from '../endpoint/patience.ts'
import { changeBelow } from '../watch/file-change.ts'
import { keyOf } from '../watch/keyboard.ts'
import { restartOf } from '../watch/presence.ts'
import { watchServer } from '../watch/watch-server.ts'

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
  if (options.watch) return await watch(options.url, options, environment, baseline, files)
  const result = await test(options.url, options, environment, baseline)
  await files.write(result)
  return exitCodeOf(result)
}

function exitCodeOf(result: RunResult): number {
  return result.expectation ? expectedExitCode(result, result.expectation) : exitCodes[result.verdict]
}

/** Tests the server again and again while its author mends it. */
async function watch(
  url: string,
  options: CliOptions,
  environment: CliEnvironment,
  baseline: Baseline | undefined,
  files: ReportFiles,
): Promise<number> {
  const { stdin, signal } = environment
  const target = parseTarget(url)
  const reach = {
    url: target,
    // Nothing of it is shown: the runs have what is to be hidden.
    connect: await readReach(target, options, options.timeoutScale, () => undefined),
    patience: new Patience(options.timeoutScale),
  }
  const out = outOf(options, environment)
  return await watchServer({
    // What was listed as failing is compared with a whole run alone.
    run: (only) =>
      only.length === 0
        ? test(url, options, environment, baseline)
        : test(
            url,
            { ...options, checks: only, capabilities: [], filter: undefined },
            environment,
            undefined,
          ),
    keep: (result) => files.write(result),
    exitCodeOf,
    say: (text) => out.write(text),
    triggers: (problem) => [
      restartOf(reach, problem),
      ...(stdin ? [keyOf(stdin)] : []),
      ...options.watchPaths.map(changeBelow),
    ],
    ways: stdin?.isTTY ? '(Enter: at once, q: end)' : '(Ctrl-C ends)',
    signal,
  })
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

/** Standard output is a report's alone when one is asked for there. */
function outOf({ reports }: CliOptions, { stdout, stderr }: CliEnvironment): ProgressStream {
  return reports.some(({ path }) => path === '-') ? stderr : stdout
}

async function test(
  url: string,
  options: CliOptions,
  environment: CliEnvironment,
  baseline: Baseline | undefined,
): Promise<RunResult> {
  const { signal } = environment
  const out = outOf(options, environment)
  const palette = paletteFor(out, options.noColor)
  const style: TerminalStyle = { palette, columns: out.columns ?? 100, verbose: options.verbose }
  const progress = createProgress(out, palette)
  const run: ConformanceOptions = {
    url,
    tokens: options.tokens,
    tokenCommands: options.tokenCommands,
    headers: options.headers,
    ca: options.ca,
    checks: options.checks,
    capabilities: options.capabilities,
    ...(options.filter === undefined ? {} : { filter: options.filter }),
    exhaustive: options.exhaustive,
    ...(options.drainCommand === undefined ? {} : { drainCommand: options.drainCommand }),
    timeoutScale: options.timeoutScale,
    ...(options.concurrency === undefined ? {} : { concurrency: options.concurrency }),
    peers: options.peers,
    insecure: options.insecure,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(signal ? { signal } : {}),
    onEvent: (event) => {
      if (event.type === 'start') {
        out.write(`${heading(kit, shownUrl(new URL(url)), event.checks.length, event.proxy, style)}\n`)
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
