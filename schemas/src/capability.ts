import { Type, type Static, type TObject } from '@sinclair/typebox'
import { capabilityNamePattern } from './vendor-name.ts'

/** What is known of a capability without seeing a server. */
export interface CapabilityDefinition {
  /** What it adds to Core, in one sentence. */
  readonly summary: string
  /** Its parameters in `welcome`; readers ignore members that they do not know. */
  readonly parameters: TObject
}

const noParameters = Type.Object({}, { description: 'Parameters of this capability: it has none.' })

/** Every capability of the specification: the one table of them. */
export const capabilities = {
  drain: {
    summary: 'A server that is about to end says so, and lets go on what is under way.',
    parameters: noParameters,
  },
  calls: {
    summary: 'A user, or one peer, is rung on every device, and one of them takes the call.',
    parameters: Type.Object(
      {
        ringSeconds: Type.Integer({
          description:
            'Longest time for which a call rings, and that for which one rings that asks for none: an integer of 10 to 600, in seconds.',
          minimum: 10,
          maximum: 600,
        }),
        callsPerPeer: Type.Integer({
          description:
            'Calls that one peer may have a part in at a time, ringing ones included: an integer of at least 2.',
          minimum: 2,
        }),
      },
      { description: 'Parameters of this capability: how long a call rings, and how many one peer has.' },
    ),
  },
  'ice-servers': {
    summary: 'The server names STUN and TURN servers, with credentials that end and are renewed.',
    parameters: noParameters,
  },
  discovery: {
    summary: 'Clients look for rooms and users, and are told when users come online and go.',
    parameters: Type.Object(
      {
        watches: Type.Integer({
          description: 'Users that one peer may watch at a time: an integer of at least 10.',
          minimum: 10,
        }),
      },
      { description: 'Parameters of this capability: how many users one peer watches.' },
    ),
  },
  resume: {
    summary:
      'A session outlives its connection: nothing is lost, doubled or reordered, and nobody else sees it go.',
    parameters: Type.Object(
      {
        windowSeconds: Type.Integer({
          description:
            'How long a session waits for its client after the loss of its connection: an integer of 1 to 3600, in seconds.',
          minimum: 1,
          maximum: 3600,
        }),
        bufferBytes: Type.Integer({
          description:
            'Bytes of messages that the server keeps for a session until they are acknowledged: an integer of at least 65536.',
          minimum: 65_536,
        }),
      },
      { description: 'Parameters of this capability: how long a session waits, and how much it keeps.' },
    ),
  },
  custom: {
    summary: 'Messages of an application, of any reverse-domain type, to one member of a room or to all.',
    parameters: noParameters,
  },
} as const satisfies Readonly<Record<string, CapabilityDefinition>>

/** Name of a capability of {@link capabilities}. */
export type CapabilityName = keyof typeof capabilities

/** The names of {@link capabilities}, in the order of the specification. */
export const capabilityNames = Object.keys(capabilities) as readonly CapabilityName[]

/** Whether a name is that of a capability of {@link capabilities}: no other has chapters, messages or checks. */
export function isCapabilityName(name: string): name is CapabilityName {
  return Object.hasOwn(capabilities, name)
}

/** The parameters of a capability as `welcome` carries them. */
export type ParametersOf<C extends CapabilityName> = Static<(typeof capabilities)[C]['parameters']>

const Parameters = Type.Unsafe<Readonly<Record<string, unknown>>>(
  Type.Object({}, { description: 'Parameters of the capability: an object, empty if it has none.' }),
)

/**
 * Capabilities by name, each with its parameters. A capability is in force only if `hello` and `welcome` both name it.
 *
 * A name such as `constructor` is well formed: look names up with `Object.hasOwn`, never with a bare index.
 */
export const Capabilities = Type.Record(Type.String({ pattern: capabilityNamePattern }), Parameters, {
  title: 'Capabilities',
  description:
    'Capabilities by name, each with an object of parameters. A name is lower-case words joined by hyphens (ice-servers) or a reverse-domain name (com.example.mute). In force only if hello and welcome both name it.',
  additionalProperties: false,
})
/** A value of the schema of this name. */
export type Capabilities = Static<typeof Capabilities>

/** The capabilities in force, as `welcome` names them: those of {@link capabilities} with the parameters that the table gives them. */
export const CapabilitiesInForce = Type.Unsafe<
  Readonly<Record<string, Readonly<Record<string, unknown>>>> & {
    readonly [C in CapabilityName]?: ParametersOf<C>
  }
>(
  Type.Object(
    Object.fromEntries(
      capabilityNames.map((name) => {
        const { summary, parameters } = capabilities[name]
        const description = `${summary} ${parameters.description ?? ''}`
        return [name, Type.Optional(Type.Object(parameters.properties, { description }))]
      }),
    ),
    {
      title: 'CapabilitiesInForce',
      description:
        'Capabilities by name, each with its parameters: what hello named and the server offers. Other names are those of later revisions and of vendors.',
      propertyNames: { pattern: capabilityNamePattern },
      additionalProperties: Parameters,
    },
  ),
)
/** A value of the schema of this name. */
export type CapabilitiesInForce = Static<typeof CapabilitiesInForce>
