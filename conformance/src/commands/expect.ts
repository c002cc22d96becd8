import { parseArgs } from 'node:util'
import { BaselineSchema, type Baseline } from '../engine/baseline.ts'
import { RunResultSchema } from '../engine/result.ts'
import { readJsonInput } from '../input/json-input.ts'
import { plural } from '../report/words.ts'
import { readArguments, UsageError } from './arguments.ts'
import type { CliEnvironment } from './environment.ts'

const help = `Usage: parley-conformance expect RESULT.json > known.json

Prints a file of known failures for --expect from a result of --json: an entry
for each check that failed or could not run. Give each entry a reason: without
one --expect refuses it. Reasons of a run that had --expect are kept.

With --expect known.json a run ends with 0 when it is exactly as expected:
  new failures, and entries that do not fail any more: exit code 1
  checks that were not judged and are not listed so, or only a part of the
  checks: exit code 3
The verdict stays what it is, and warnings (SHOULD) are not listed.

Exit codes: 0, or 2 when the file cannot be read.
`

/** Prints a file of known failures from a result. */
export async function expectCommand(
  args: readonly string[],
  { stdout, stderr }: CliEnvironment,
): Promise<number> {
  const { values, positionals } = readArguments(() =>
    parseArgs({
      args: [...args],
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    }),
  )
  if (values.help) {
    stdout.write(help)
    return 0
  }
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0) {
    throw new UsageError(
      `Cannot expect from ${String(positionals.length)} files: it takes one result of --json`,
    )
  }
  const { checks, expectation } = await readJsonInput(path, RunResultSchema, 'a result of --json')
  const reasons = new Map(expectation?.known.map(({ check, reason }) => [check, reason]))
  const baseline: Baseline & { readonly $schema: string } = {
    $schema: BaselineSchema.$id ?? '',
    format: 1,
    failures: checks.flatMap(({ id, verdict }) =>
      verdict === 'fail' || verdict === 'could-not-run'
        ? [{ check: id, verdict, reason: reasons.get(id) ?? '' }]
        : [],
    ),
  }
  const open = baseline.failures.filter(({ reason }) => reason === '').length
  stdout.write(`${JSON.stringify(baseline, null, 2)}\n`)
  stderr.write(`${plural(baseline.failures.length, 'known failure')}, ${String(open)} without a reason yet\n`)
  return 0
}
