import { Type, type Static } from '@sinclair/typebox'
import { capabilityNamePattern } from './vendor-name.ts'

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
