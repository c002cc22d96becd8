import { parseArgs } from 'node:util'
import { capabilityNames } from '@parley/schemas'
import { peerKinds, type PeerKind } from './peer/create-peers.ts'
import { readArguments, UsageError } from './commands/arguments.ts'
import { badgeEndings } from './report/badge.ts'
import { reportKinds, type ReportKind, type ReportRequest } from './report/report-kind.ts'

/** What the command line asks for. */
export interface CliOptions {
  readonly url: string | undefined
  readonly tokens: readonly string[]
  readonly tokenCommands: readonly string[]
  /** By name: the value, or where it is. */
  readonly headers: Readonly<Record<string, string>>
  readonly ca: readonly string[]
  readonly checks: readonly string[]
  /** Capabilities whose checks alone are run. */
  readonly capabilities: readonly string[]
  readonly filter: string | undefined
  readonly list: boolean
  readonly exhaustive: boolean
  /** Command that makes the server begin to drain. */
  readonly drainCommand: string | undefined
  readonly timeoutScale: number
  readonly concurrency: number | undefined
  readonly peers: PeerKind
  readonly insecure: boolean
  readonly seed: string | undefined
  readonly reports: readonly ReportRequest[]
  /** File of known failures. */
  readonly expect: string | undefined
  /** Test again whenever the server was restarted. */
  readonly watch: boolean
  /** Files and folders whose change begins a run, too. */
  readonly watchPaths: readonly string[]
  readonly verbose: boolean
  readonly noColor: boolean
  readonly help: boolean
  readonly version: boolean
}

/** The flags, for `parseArgs` and for completion: `value` tells a shell what can stand behind one, by default any text. */
export const flags = {
  token: { type: 'string', multiple: true },
  'token-command': { type: 'string', multiple: true },
  header: { type: 'string', multiple: true },
  ca: { type: 'string', multiple: true, value: 'file' },
  insecure: { type: 'boolean' },
  check: { type: 'string', multiple: true, value: 'check' },
  capability: { type: 'string', multiple: true, value: capabilityNames },
  filter: { type: 'string' },
  list: { type: 'boolean' },
  exhaustive: { type: 'boolean' },
  'drain-command': { type: 'string' },
  peers: { type: 'string', value: peerKinds },
  concurrency: { type: 'string' },
  'timeout-scale': { type: 'string' },
  seed: { type: 'string' },
  watch: { type: 'boolean' },
  'watch-path': { type: 'string', multiple: true, value: 'file' },
  expect: { type: 'string', value: 'file' },
  json: { type: 'string', multiple: true, value: 'file' },
  html: { type: 'string', multiple: true, value: 'file' },
  junit: { type: 'string', multiple: true, value: 'file' },
  markdown: { type: 'string', multiple: true, value: 'file' },
  badge: { type: 'string', multiple: true, value: 'file' },
  verbose: { type: 'boolean', short: 'v' },
  'no-color': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/** What `--help` prints; it fits a screen of 80 columns. */
export const help = `Usage: parley-conformance URL [options]

Runs real WebRTC peers against a signaling server and says, with evidence,
whether it conforms to Parley. URL is ws://host:port/path or wss://….

  --token TOKEN        authenticate; given twice, also as a second user. TOKEN
                       may be env:NAME, file:PATH or command:COMMAND LINE.
                       Default: the variables PARLEY_TOKEN, PARLEY_TOKEN_2
  --token-command CMD  the same with a fresh token for each connection
  --header "NAME: VAL" send a header; VAL may be env:NAME or as in --token
  --ca FILE            trust this certificate authority, too (PEM)
  --insecure           accept any TLS certificate
  --check ID           run only this check, or this requirement; repeatable
  --capability NAME    run only the checks of this capability; repeatable
  --filter TEXT        run only checks with TEXT in id or title
  --list               list the checks and end
  --drain-command CMD  make the server drain, at the end: kill -TERM 4711
  --exhaustive         also look at what takes minutes, or many connections
  --peers none|wrtc    real peers to use (default wrtc)
  --concurrency N      checks, and connections being opened, at a time, 1 to 128
  --timeout-scale X    multiply every deadline, 0.05 to 100 (default 1)
  --seed TEXT          repeat the names and payloads of an earlier run
  --watch              stay, and run again when the server was restarted
  --watch-path PATH    … or when this file, or one in this folder, changes
  --expect FILE        known failures: 0 when exactly these fail (expect --help)
  --verbose, -v        list what passed, show whole frames
  --no-color, --help, --version

Reports, each a view of the one result; FILE may be - for standard output:
  --json FILE  --html FILE  --junit FILE  --markdown FILE  --badge FILE.svg

Other commands: fuzz URL                   random and broken frames
                compare A.json B.json      what got better and worse
                expect RESULT.json         a file for --expect from a result
                completion bash|fish|zsh   completion for your shell
HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say whether a proxy is used.
Exit codes: 0 conformant, 1 non-conformant, 2 wrong usage, 3 incomplete,
4 target unreachable or no Parley server, 5 the kit itself failed.
`

/**
 * Reads the command line.
 *
 * @param env - Where tokens are looked for when no `--token` is given.
 * @throws {@link UsageError}
 */
export function readCliOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CliOptions {
  const { values, positionals } = parse(args)
  if (positionals.length > 1) {
    throw new UsageError(`Cannot test more than one URL: "${positionals[1] ?? ''}" is one too many`)
  }
  return {
    url: positionals[0],
    ...tokensOf(values, env),
    headers: headersOf(values.header ?? []),
    ca: values.ca ?? [],
    checks: (values.check ?? []).flatMap((ids) => ids.split(',')).filter((id) => id !== ''),
    capabilities: (values.capability ?? [])
      .flatMap((names) => names.split(','))
      .filter((name) => name !== ''),
    filter: values.filter,
    list: values.list ?? false,
    exhaustive: values.exhaustive ?? false,
    drainCommand: drainCommandOf(values['drain-command']),
    timeoutScale: numberOf('--timeout-scale', values['timeout-scale'], 1, 0.05, 100),
    concurrency:
      values.concurrency === undefined
        ? undefined
        : integerOf('--concurrency', values.concurrency, 12, 1, 128),
    peers: peerKindOf(values.peers),
    insecure: values.insecure ?? false,
    seed: values.seed,
    reports: reportsOf(values),
    expect: values.expect,
    watch: (values.watch ?? false) || values['watch-path'] !== undefined,
    watchPaths: values['watch-path'] ?? [],
    verbose: values.verbose ?? false,
    noColor: values['no-color'] ?? false,
    help: values.help ?? false,
    version: values.version ?? false,
  }
}

function parse(args: readonly string[]) {
  return readArguments(() =>
    parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true }),
  )
}

/**
 * The tokens, or where they come from.
 *
 * @throws {@link UsageError}
 */
export function tokensOf(
  values: { readonly token?: string[]; readonly 'token-command'?: string[] },
  env: Readonly<Record<string, string | undefined>>,
): Pick<CliOptions, 'tokens' | 'tokenCommands'> {
  const tokenCommands = values['token-command'] ?? []
  if (tokenCommands.length > 0 && values.token)
    throw new UsageError('Cannot use --token and --token-command together: give each user a command')
  const tokens = values.token ?? (tokenCommands.length > 0 ? [] : defaultTokens(env))
  if (tokens.length > 2 || tokenCommands.length > 2) throw new UsageError('Cannot use more than two tokens')
  return { tokens, tokenCommands }
}

/** Headers by name. */
export function headersOf(lines: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim()
    // The value may be a secret, so it is not quoted.
    if (name === '') throw new UsageError('Cannot use a --header: it has to be "Name: value"')
    if (headers.has(name)) throw new UsageError(`Cannot send the header "${name}": it is given twice`)
    headers.set(name, line.slice(colon + 1).trim())
  }
  return Object.fromEntries(headers)
}

function defaultTokens(env: Readonly<Record<string, string | undefined>>): string[] {
  return ['PARLEY_TOKEN', 'PARLEY_TOKEN_2'].filter((name) => env[name]).map((name) => `env:${name}`)
}

/** A number within bounds. */
export function numberOf(
  flag: string,
  text: string | undefined,
  usual: number,
  low: number,
  high: number,
): number {
  if (text === undefined) return usual
  const value = Number(text)
  if (text.trim() !== '' && value >= low && value <= high) return value
  throw new UsageError(
    `Cannot use ${flag} "${text}": it has to be a number from ${String(low)} to ${String(high)}`,
  )
}

/** A whole number within bounds. */
export function integerOf(
  flag: string,
  text: string | undefined,
  usual: number,
  low: number,
  high: number,
): number {
  const value = numberOf(flag, text, usual, low, high)
  if (Number.isInteger(value)) return value
  throw new UsageError(`Cannot use ${flag} "${text ?? ''}": it has to be a whole number`)
}

function reportsOf(values: Readonly<Partial<Record<ReportKind, string[]>>>): ReportRequest[] {
  const kinds = Object.keys(reportKinds) as ReportKind[]
  const reports = kinds.flatMap((kind) => (values[kind] ?? []).map((path) => ({ kind, path })))
  for (const [index, { kind, path }] of reports.entries()) {
    if (path === '') throw new UsageError(`Cannot use --${kind} "": it has to be the name of a file`)
    if (kind === 'badge' && !badgeEndings.some((ending) => path.endsWith(ending))) {
      throw new UsageError(
        `Cannot use --badge "${path}": the name has to end in ${badgeEndings.join(' or ')}`,
      )
    }
    const other = reports.slice(0, index).find((earlier) => earlier.path === path)
    if (other) throw new UsageError(`Cannot write two reports to "${path}": --${other.kind} and --${kind}`)
  }
  return reports
}

function drainCommandOf(text: string | undefined): string | undefined {
  if (text?.trim() === '')
    throw new UsageError('Cannot use --drain-command "": it has to be a command for the shell')
  return text
}

function peerKindOf(text: string | undefined): PeerKind {
  const kind = peerKinds.find((known) => known === (text ?? 'wrtc'))
  if (kind) return kind
  throw new UsageError(`Cannot use --peers "${text ?? ''}": it has to be ${peerKinds.join(' or ')}`)
}
