import { parseArgs } from 'node:util'
import { readArguments, UsageError } from '../commands/arguments.ts'
import { headersOf, integerOf, numberOf, tokensOf } from '../cli-options.ts'

/** What the command line asks the fuzzer for. */
export interface FuzzCliOptions {
  readonly url: string | undefined
  readonly frames: number
  readonly seed: string | undefined
  readonly episode: number | undefined
  readonly clients: number
  readonly ignoreRate: boolean
  readonly metrics: URL | undefined
  readonly report: string | undefined
  readonly timeoutScale: number
  readonly tokens: readonly string[]
  readonly tokenCommands: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly ca: readonly string[]
  readonly insecure: boolean
  readonly noColor: boolean
  readonly help: boolean
}

const usualFrames = 20_000
const mostFrames = 1_000_000_000
const usualClients = 6

const flags = {
  frames: { type: 'string' },
  seed: { type: 'string' },
  episode: { type: 'string' },
  clients: { type: 'string' },
  'ignore-rate': { type: 'boolean' },
  metrics: { type: 'string' },
  report: { type: 'string' },
  'timeout-scale': { type: 'string' },
  token: { type: 'string', multiple: true },
  'token-command': { type: 'string', multiple: true },
  header: { type: 'string', multiple: true },
  ca: { type: 'string', multiple: true },
  insecure: { type: 'boolean' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/** What `fuzz --help` prints; it fits a screen of 80 columns. */
export const fuzzHelp = `Usage: parley-conformance fuzz URL [options]

Sends a server valid, broken and random frames from several clients, with
connections cut and replaced in between, and holds what each client gets against
a model of who may see what. Only rooms with names of its own are joined.

  --frames N        frames to send (default 20000); the last episode is finished
  --seed TEXT       repeat an earlier run
  --episode N       play one episode alone, as a finding's replay line says
  --clients N       connections at the same time, 3 to 32 (default 6)
  --ignore-rate     send faster than limits.rate allows
  --metrics URL     page of Prometheus metrics: also look for growing memory
  --report FILE     write everything that was found as JSON
  --timeout-scale X --token TOKEN --token-command CMD --header "NAME: VAL"
  --ca FILE --insecure --no-color
                    as in parley-conformance --help

Exit codes: 0 nothing found, 1 something found, 2 wrong usage, 3 it could not be
finished, and nothing was found until then, 4 target unreachable or no Parley
server, 5 the kit itself failed.
`

/**
 * Reads the command line of the fuzzer.
 *
 * @param env - Where tokens are looked for when no `--token` is given.
 * @throws {@link UsageError}
 */
export function readFuzzOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): FuzzCliOptions {
  const { values, positionals } = readArguments(() =>
    parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true }),
  )
  if (positionals.length > 1)
    throw new UsageError(`Cannot fuzz more than one URL: "${positionals[1] ?? ''}" is one too many`)
  return {
    url: positionals[0],
    frames: integerOf('--frames', values.frames, usualFrames, 1, mostFrames),
    seed: values.seed,
    episode:
      values.episode === undefined ? undefined : integerOf('--episode', values.episode, 1, 1, mostFrames),
    clients: integerOf('--clients', values.clients, usualClients, 3, 32),
    ignoreRate: values['ignore-rate'] ?? false,
    metrics: values.metrics === undefined ? undefined : metricsOf(values.metrics),
    report: values.report,
    timeoutScale: numberOf('--timeout-scale', values['timeout-scale'], 1, 0.05, 100),
    ...tokensOf(values, env),
    headers: headersOf(values.header ?? []),
    ca: values.ca ?? [],
    insecure: values.insecure ?? false,
    noColor: values['no-color'] ?? false,
    help: values.help ?? false,
  }
}

function metricsOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new UsageError('Cannot use --metrics: it has to be a URL such as http://localhost:9464/metrics')
}
