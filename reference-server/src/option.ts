import { Type, type Static } from '@sinclair/typebox'
import { capabilityNames, type CapabilityName } from '@parley/schemas'
import { Value } from '@sinclair/typebox/value'
import { addressOptions } from './address/option.ts'
import { callOptions } from './calls/option.ts'
import { discoveryOptions } from './discovery/option.ts'
import { iceOptions } from './ice/option.ts'
import { jwtOptions } from './jwt/option.ts'
import { about, integer, string, type Topic } from './option-field.ts'
import { resumeOptions } from './resume/option.ts'

/**
 * Every option of the server: the one table of flags, environment variables and members of the configuration file.
 * `messageBytes` is `--message-bytes` on the command line and `PARLEY_MESSAGE_BYTES` in the environment.
 */
export const Options = Type.Object(
  {
    host: string('ADDRESS', 'address to listen on', '127.0.0.1'),
    port: integer('N', 'port to listen on, 0 for any', 8080, 0, 65_535),
    path: Type.String({
      default: '/',
      pattern: '^/[^?#]*$',
      value: 'PATH',
      text: 'path of the WebSocket URL',
    }),
    tlsCert: string('FILE', 'certificate chain, PEM', ''),
    tlsKey: string('FILE', 'private key, PEM', ''),
    origins: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      value: 'A,B',
      text: 'origins of web pages to admit, none for all',
    }),
    tokensFile: about('auth', string('FILE', 'tokens to authenticate with, JSON', '')),
    authModule: about('auth', string('FILE', 'ES module that judges tokens', '')),
    ...jwtOptions,
    messageBytes: integer('N', 'longest message', 262_144, 65_536, 67_108_864),
    idleSeconds: integer('N', 'silence that ends a connection', 60, 60),
    pingSeconds: integer('N', 'silence before a ping, 0 for no pings', 25, 0),
    helloTimeoutSeconds: integer('N', 'time to wait for hello', 15, 10, 59),
    authTimeoutSeconds: integer('N', 'time to wait for auth', 30, 10),
    membersPerRoom: integer('N', 'places in a room', 32, 2),
    roomsPerPeer: integer('N', 'rooms of one peer', 64, 1),
    dataBytes: integer('N', 'largest data of a member', 4096, 1),
    ratePerSecond: integer('N', 'lasting messages per second, 0 for any', 500, 0),
    rateBurst: integer('N', 'messages at once above that', 1000, 100),
    capabilities: Type.Array(
      Type.Unsafe<CapabilityName>(Type.Union(capabilityNames.map((name) => Type.Literal(name)))),
      {
        default: capabilityNames,
        value: 'A,B',
        text: 'capabilities to offer; all unless given',
        choices: capabilityNames,
      },
    ),
    ...callOptions,
    ...iceOptions,
    ...discoveryOptions,
    ...resumeOptions,
    drainSeconds: integer('N', 'time to go on after SIGTERM', 8, 0, 3600),
    drainUrl: Type.String({
      default: '',
      pattern: '^[!-~]{0,1000}$',
      value: 'URL',
      text: 'where clients are sent meanwhile, none for here',
    }),
    maxConnections: integer('N', 'connections at a time', 10_000, 1),
    ...addressOptions,
    bufferedBytes: integer('N', 'unread bytes that end a connection', 8_388_608, 65_536),
    logLevel: Type.Union(
      [
        Type.Literal('debug'),
        Type.Literal('info'),
        Type.Literal('warn'),
        Type.Literal('error'),
        Type.Literal('silent'),
      ],
      { default: 'info', value: 'LEVEL', text: 'debug, info, warn, error or silent' },
    ),
    logFormat: Type.Union([Type.Literal('auto'), Type.Literal('json'), Type.Literal('pretty')], {
      default: 'auto',
      value: 'FORMAT',
      text: 'json, pretty or auto',
    }),
    logDetail: Type.Union([Type.Literal('fields'), Type.Literal('messages')], {
      default: 'fields',
      value: 'DETAIL',
      text: 'fields, or messages whole at level debug',
    }),
    metricsAddress: Type.String({
      default: '',
      pattern: '^(|(\\[[0-9a-fA-F:.]+\\]|[^\\s:\\[\\]]+):[0-9]{1,5})$',
      value: 'HOST:PORT',
      text: 'where to serve /metrics, none for nowhere',
    }),
  },
  { additionalProperties: false },
)
/** The options of a server, all of them given. */
export type Options = Static<typeof Options>

/** Name of an option. */
export type OptionName = keyof Options

/** An option that cannot be used; its message is one line for people. */
export class OptionError extends Error {
  override readonly name = 'OptionError'
}

/** The values that hold where nothing else is said. */
export const defaultOptions: Options = Object.fromEntries(
  Object.entries(Options.properties).map(([name, schema]) => [name, schema.default as unknown]),
) as unknown as Options

/** What the schema of an option says beside its rules. */
export interface OptionInfo {
  readonly type?: string
  readonly default: unknown
  /** Placeholder of the value in `--help`. */
  readonly value: string
  /** What it is for, in a few words. */
  readonly text: string
  readonly minimum?: number
  readonly maximum?: number
  /** What the items of a list may be, where only some may. */
  readonly choices?: readonly string[]
  /** Set for an option that only the help on this topic shows. */
  readonly topic?: Topic
  /** Set for a secret: it is no flag, because the list of processes shows those, and no error repeats it. */
  readonly secret?: true
}

/** What is known of each option. */
export const optionInfo = Options.properties as unknown as Readonly<Record<OptionName, OptionInfo>>

/** The name of every option. */
export const optionNames = Object.keys(Options.properties) as readonly OptionName[]

/**
 * Judges the value of one option.
 *
 * @param called - How its source calls it.
 * @throws {@link OptionError}
 */
export function checkOption(name: OptionName, value: unknown, called: string): void {
  if (Value.Check(Options.properties[name], value)) return
  const { type, minimum, maximum, text, secret, choices } = optionInfo[name]
  if (secret) throw new OptionError(`Bad value for ${called}: it is not a text`)
  const expected =
    type === 'integer'
      ? `an integer of ${String(minimum)} to ${String(maximum)}`
      : choices === undefined
        ? text
        : `some of ${choices.join(', ')}`
  throw new OptionError(`Bad value for ${called}: ${JSON.stringify(value)}, expected ${expected}`)
}

/** What can be said about options only together. */
export function checkTogether({ tlsCert, tlsKey, pingSeconds, idleSeconds }: Options): void {
  if ((tlsCert === '') !== (tlsKey === ''))
    throw new OptionError('tlsCert and tlsKey belong together: one is missing')
  if (pingSeconds === 0 && idleSeconds < 120) {
    // connection.idle-without-ping
    throw new OptionError(`idleSeconds has to be 120 or more without pings: it is ${idleSeconds}`)
  }
  if (pingSeconds >= idleSeconds) {
    throw new OptionError(`pingSeconds has to be less than idleSeconds: ${pingSeconds} and ${idleSeconds}`)
  }
}
