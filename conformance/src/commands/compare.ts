import { parseArgs } from 'node:util'
import { compareResults } from '../engine/comparison.ts'
import { RunResultSchema } from '../engine/result.ts'
import { readJsonInput } from '../input/json-input.ts'
import { comparisonReport } from '../report/comparison-report.ts'
import { visibleCopy } from '../report/markup.ts'
import { paletteFor } from '../report/palette.ts'
import type { CliEnvironment } from './environment.ts'
import { readArguments, UsageError } from './arguments.ts'

const help = `Usage: parley-conformance compare A.json B.json [--no-color]

Says what got better and worse from run A to run B; the files are written by
--json. Checks are compared by id, their verdicts from good to bad: pass (and
what does not apply), warn, not judged, fail.

Exit codes: 0 nothing got worse, 1 something did (a check, the verdict of the
run, or a new check that fails), 2 a file cannot be read.
`

/** Compares two results. */
export async function compareCommand(args: readonly string[], { stdout }: CliEnvironment): Promise<number> {
  const { values, positionals } = readArguments(() =>
    parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' }, 'no-color': { type: 'boolean' } },
      allowPositionals: true,
    }),
  )
  if (values.help) {
    stdout.write(help)
    return 0
  }
  const [first, second, ...more] = positionals
  if (first === undefined || second === undefined || more.length > 0) {
    throw new UsageError(
      `Cannot compare ${String(positionals.length)} files: it takes two, A.json and B.json`,
    )
  }
  const before = visibleCopy(await readJsonInput(first, RunResultSchema, 'a result of --json'))
  const after = visibleCopy(await readJsonInput(second, RunResultSchema, 'a result of --json'))
  const comparison = compareResults(before, after)
  stdout.write(comparisonReport(before, after, comparison, paletteFor(stdout, values['no-color'] ?? false)))
  return comparison.gotWorse ? 1 : 0
}
