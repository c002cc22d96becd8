import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import {
  checkOption,
  checkTogether,
  defaultOptions,
  OptionError,
  optionInfo,
  optionNames,
  type OptionName,
  type Options,
} from './option.ts'
import type { Topic } from './option-field.ts'

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'version' }
  | { readonly kind: 'help'; readonly topic: Topic | undefined }
  | { readonly kind: 'serve'; readonly options: Options }

const topicTexts: Readonly<Record<Topic, string>> = {
  address: 'what may come from one address.',
  auth: 'who may come in. Tokens by a list, a module, or JSON Web Tokens.',
  calls: 'ringing people on their devices: the capability calls.',
  discovery: 'who finds what, and sees whom: the capability discovery.',
  ice: 'STUN and TURN servers for clients: the capability ice-servers.',
  resume: 'sessions that outlive their connection: the capability resume.',
}

const topics = Object.keys(topicTexts) as readonly Topic[]

type Given = { readonly [Name in OptionName]?: unknown }

/** `messageBytes` on the command line: `message-bytes`. */
function flagOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** `messageBytes` in the environment: `PARLEY_MESSAGE_BYTES`. */
function variableOf(name: string): string {
  return `PARLEY_${flagOf(name).replaceAll('-', '_').toUpperCase()}`
}

/**
 * Puts the options together: a flag goes before the environment, that before the configuration file, that before the
 * default.
 *
 * @param words - The command line without the program.
 * @throws {@link OptionError} for what cannot be used.
 */
export function readCommand(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Command {
  const flags = readFlags(words)
  if (flags.help === true) return { kind: 'help', topic: undefined }
  const topic = topics.find((name) => flags[`help-${name}`] === true)
  if (topic !== undefined) return { kind: 'help', topic }
  if (flags.version === true) return { kind: 'version' }
  const config = flags.config ?? environment[variableOf('config')]
  const options = {
    ...defaultOptions,
    ...(typeof config === 'string' ? readConfig(config) : {}),
    ...readEnvironment(environment),
    ...fromWords(
      flags,
      (name) => `--${flagOf(name)}`,
      (name) => flagOf(name),
    ),
  }
  checkTogether(options)
  return { kind: 'serve', options }
}

/**
 * A screen of help.
 *
 * @param topic - Of which options; those without a topic by default.
 */
export function helpText(topic?: Topic): string {
  const line = (flag: string, text: string) => `  ${flag.padEnd(28)} ${text}`
  const lines = optionNames
    .filter((name) => optionInfo[name].topic === topic)
    .map((name) => {
      const { value, text, secret, default: initial } = optionInfo[name]
      const shown = initial === '' || Array.isArray(initial) ? '' : ` (${String(initial)})`
      return line(secret ? variableOf(name) : `--${flagOf(name)} ${value}`, `${text}${shown}`)
    })
  if (topic !== undefined) return [`parley-server: ${topicTexts[topic]}`, ...lines].join('\n')
  return [
    'parley-server [options]   The reference signaling server of the Parley protocol.',
    ...lines,
    line('--help-TOPIC', topics.join(', ')),
    line('--config FILE', 'the same options as JSON: {"port": 8080, …}'),
    'Or by environment: PARLEY_PORT and so on. A flag wins over it, it over the file.',
  ].join('\n')
}

function readFlags(words: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const secret = optionNames.find(
    (name) => optionInfo[name].secret && words.some((word) => word.split('=')[0] === `--${flagOf(name)}`),
  )
  if (secret !== undefined)
    throw new OptionError(
      `--${flagOf(secret)} would show in the list of processes: give ${variableOf(secret)} or a file`,
    )
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  const options = {
    ...Object.fromEntries(
      optionNames.filter((name) => !optionInfo[name].secret).map((name) => [flagOf(name), text]),
    ),
    config: text,
    help: flag,
    ...Object.fromEntries(topics.map((name) => [`help-${name}`, flag])),
    version: flag,
  }
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: false }).values
  } catch (cause) {
    const [sentence = 'The command line cannot be read'] = (cause as Error).message.split(/[.\n]/)
    throw new OptionError(`${sentence}. See parley-server --help`, { cause })
  }
}

function readEnvironment(environment: Readonly<Record<string, string | undefined>>): Partial<Options> {
  return fromWords(environment, variableOf, variableOf)
}

/** Options that are given as words: `called` says how to name one in an error, `keyOf` where its word stands. */
function fromWords(
  words: Readonly<Record<string, unknown>>,
  called: (name: string) => string,
  keyOf: (name: string) => string,
): Partial<Options> {
  const given: Record<string, unknown> = {}
  for (const name of optionNames) {
    const word = words[keyOf(name)]
    if (typeof word !== 'string') continue
    // A variable that somebody forgot to fill is not to open the server to everybody.
    if (isGuarding(name) && word === '') throw new OptionError(`${called(name)} is empty`)
    given[name] = fromWord(name, word)
    checkOption(name, given[name], called(name))
  }
  return given
}

/** Whether an option says who may do what. */
function isGuarding(name: OptionName): boolean {
  return optionInfo[name].topic === 'auth' || name === 'inviteModule' || name === 'seeModule'
}

function fromWord(name: OptionName, word: string): unknown {
  const { type } = optionInfo[name]
  if (type === 'integer') return /^\d+$/.test(word) ? Number(word) : word
  if (type === 'array') return word.split(',').filter((item) => item !== '')
  return word
}

function readConfig(file: string): Partial<Options> {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new OptionError(`Cannot read the configuration in ${file}: ${code ?? message}`, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OptionError(`Cannot read the configuration in ${file}: it is not a JSON object`)
  }
  const unknown = Object.keys(value).find((name) => !optionNames.includes(name as OptionName))
  if (unknown !== undefined) throw new OptionError(`Unknown option "${unknown}" in ${file}`)
  const given: Given = value
  for (const name of optionNames)
    if (given[name] !== undefined) checkOption(name, given[name], `"${name}" in ${file}`)
  return given as Partial<Options>
}
