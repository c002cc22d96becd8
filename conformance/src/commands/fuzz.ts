import { writeFile } from 'node:fs/promises'
import { exitCodes } from '../exit-code.ts'
import { fuzzReport } from '../fuzz/fuzz-report.ts'
import { fuzzHelp, readFuzzOptions } from '../fuzz/fuzz-options.ts'
import { memoryOf, MetricsError } from '../fuzz/metrics.ts'
import type { FuzzResult, FuzzVerdict } from '../fuzz/result.ts'
import { runFuzz, type FuzzProgress } from '../fuzz/run.ts'
import { kit } from '../kit.ts'
import { paletteFor } from '../report/palette.ts'
import type { ProgressStream } from '../report/progress.ts'
import { ReportFileError } from '../report/report-files.ts'
import { shownUrl } from '../target/shown-url.ts'
import { parseTarget } from '../target/target-url.ts'
import { UsageError } from './arguments.ts'
import type { CliEnvironment } from './environment.ts'

const codes: Readonly<Record<FuzzVerdict, number>> = {
  clean: exitCodes.conformant,
  found: exitCodes['non-conformant'],
  interrupted: exitCodes.incomplete,
  blocked: exitCodes.incomplete,
}

/** Fuzzes a server. */
export async function fuzzCommand(
  args: readonly string[],
  { stdout, env, signal }: CliEnvironment,
): Promise<number> {
  const { url, metrics, report, noColor, help, ...options } = readFuzzOptions(args, env)
  if (help) {
    stdout.write(fuzzHelp)
    return 0
  }
  if (url === undefined) throw new UsageError('Cannot fuzz without a URL')
  // What cannot be read, or written, would be found out too late.
  if (metrics) await memoryOf(metrics).catch(asUsage)
  if (report !== undefined) await write(report, '')
  const progress = progressOn(stdout, options.frames)
  const result = await runFuzz({
    ...options,
    url,
    signal,
    memory: metrics && (() => memoryOf(metrics)),
    onStart: ({ seed, proxy }) => {
      const way = proxy === undefined ? '' : ` through the proxy ${proxy}`
      stdout.write(
        `parley-conformance ${kit.version} fuzz ${shownUrl(parseTarget(url))}${way}, seed ${seed}\n`,
      )
    },
    onEpisode: progress.show,
  })
  progress.end()
  if (report !== undefined) await write(report, `${JSON.stringify(result, null, 2)}\n`)
  stdout.write(fuzzReport(result, paletteFor(stdout, noColor)))
  return codes[result.verdict satisfies FuzzResult['verdict']]
}

function asUsage(error: unknown): never {
  throw error instanceof MetricsError ? new UsageError(error.message, { cause: error }) : error
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new ReportFileError(`Cannot write the report "${path}": ${code}`, { cause })
  }
}

/** Milliseconds between two lines of progress where there is no terminal. */
const betweenLinesMs = 10_000

function progressOn(stream: ProgressStream, frames: number) {
  const clear = '\r\u001B[2K'
  let shownAt = performance.now()
  return {
    show: (sofar: FuzzProgress) => {
      const words = `${String(sofar.frames)}/${String(frames)} frames, ${String(sofar.episodes)} episodes, ${String(sofar.findings)} found`
      if (stream.isTTY) stream.write(`${clear}${words}`)
      else if (performance.now() - shownAt > betweenLinesMs) {
        shownAt = performance.now()
        stream.write(`${words}\n`)
      }
    },
    end: () => {
      if (stream.isTTY) stream.write(clear)
    },
  }
}
