import { beforeAll, describe, test } from 'vitest'
import { checks as allChecks } from '../checks/index.ts'
import { chapterOf, type Check } from '../engine/check.ts'
import type { ConformanceOptions } from '../engine/options.ts'
import type { RunResult } from '../engine/result.ts'
import { runConformance } from '../engine/run.ts'
import { selectChecks } from '../engine/select.ts'
import { chapterTitle } from '../report/words.ts'
import { plainError, tellOutcome, tellVerdict } from './outcome.ts'
import { wantedTests } from './wanted-test.ts'

type Reference<T> = T | (() => NonNullable<T> | Promise<NonNullable<T>>)

/** Options of the adapter: those of a run, where what is known only once the server listens may be given as a function. */
export interface VitestConformanceOptions extends Omit<
  ConformanceOptions,
  'url' | 'tokens' | 'headers' | 'ca' | 'signal' | 'onEvent'
> {
  /** Where the server listens; a function is called after the `beforeAll` hooks of the file, in which the server is started. */
  readonly url: string | URL | (() => string | URL | Promise<string | URL>)
  /** Tokens of up to two users; a function is called when `url` is. */
  readonly tokens?: readonly string[] | (() => readonly string[] | Promise<readonly string[]>)
  /** Headers of the handshake, as in a run; a function is called when `url` is. */
  readonly headers?: Reference<ConformanceOptions['headers']>
  /** Certificate authorities to trust, as in a run; a function is called when `url` is. */
  readonly ca?: Reference<ConformanceOptions['ca']>
  /** Name of the outer `describe`. Default `Parley conformance`. */
  readonly name?: string
  /**
   * Milliseconds after which the run is ended, and what it has not looked at yet fails. Default 5 minutes, 30 with `exhaustive`. Vitest's
   * own `testTimeout` and `hookTimeout` do not matter here.
   */
  readonly runTimeoutMs?: number
}

/** What the run needs beyond its own deadline to close its connections and peers. */
const closingMs = 30_000

const verdictTest = 'the server is conformant'

/**
 * Registers every check as a test, in one `describe` for each chapter, and one more test for the verdict of the whole run. Behind all of
 * them is one run of the kit, which begins when the first of the tests is due.
 *
 * A broken MUST fails with the text of the report; a broken SHOULD passes, with the text as a warning; what does not apply, or was not
 * looked at, is skipped with the reason; what could not be judged fails. With a name filter only the checks that it leaves are run.
 *
 * @throws `SelectionError` when `checks` or `filter` name nothing that exists.
 */
export function describeConformance(options: VitestConformanceOptions): void {
  const selected = selectChecks(allChecks, options.checks ?? [], options.filter, options.capabilities)
  describe(options.name ?? 'Parley conformance', () => {
    let result: RunResult | undefined
    const runTimeoutMs = options.runTimeoutMs ?? (options.exhaustive ? 30 : 5) * 60_000

    // Vitest 3 hands over the suite first, vitest 4.1 second.
    const runAll = async (...values: readonly unknown[]) => {
      try {
        result = await run(options, idsToRun(selected, wantedTests(values)), runTimeoutMs)
      } catch (error) {
        throw plainError(error)
      }
    }
    // Bound, because vitest 4.1 reads a hook's source for fixtures and refuses rest parameters there.
    beforeAll(runAll.bind(undefined), runTimeoutMs + closingMs)

    for (const chapter of new Set(selected.map(chapterOf))) {
      describe(chapterTitle(chapter), () => {
        for (const check of selected.filter((candidate) => chapterOf(candidate) === chapter)) {
          test(nameOf(check), (context) => {
            tellOutcome(result, check.id, context)
          })
        }
      })
    }
    test(verdictTest, (context) => {
      tellVerdict(result, context)
    })
  })
}

async function run(
  options: VitestConformanceOptions,
  ids: readonly string[],
  timeoutMs: number,
): Promise<RunResult> {
  const { url, tokens, headers, ca } = options
  return runConformance({
    ...options,
    checks: ids,
    filter: undefined,
    url: typeof url === 'function' ? await url() : url,
    tokens: (typeof tokens === 'function' ? await tokens() : tokens) ?? [],
    headers: (typeof headers === 'function' ? await headers() : headers) ?? {},
    ca: (typeof ca === 'function' ? await ca() : ca) ?? [],
    signal: AbortSignal.timeout(timeoutMs),
  })
}

/** Ids of the checks whose tests are to run; none means all, which also is what the verdict needs. */
function idsToRun(selected: readonly Check[], wanted: ReadonlySet<string> | undefined): string[] {
  const all = wanted === undefined || wanted.has(verdictTest)
  const chosen = all ? selected : selected.filter((check) => wanted.has(nameOf(check)))
  return chosen.length === allChecks.length ? [] : chosen.map(({ id }) => id)
}

function nameOf({ id, title }: Check): string {
  return `${id}: ${title}`
}
