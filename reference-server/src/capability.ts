import {
  capabilityNames,
  capabilityOf,
  type CapabilitiesInForce,
  type CapabilityName,
  type Hello,
  type ParametersOf,
} from '@parley/schemas'
import { sessionBytes } from './resume/option.ts'
import type { Services } from './services.ts'

/** The parameters of each capability in `welcome`, `undefined` where it cannot be offered: one that is missing here does not compile. */
const parametersOf: {
  readonly [C in CapabilityName]: (services: Services) => ParametersOf<C> | undefined
} = {
  drain: () => ({}),
  calls: ({ options: { ringSeconds, callsPerPeer } }) => ({ ringSeconds, callsPerPeer }),
  'ice-servers': ({ iceServerSource }) => (iceServerSource === undefined ? undefined : {}),
  discovery: ({ options: { watches } }) => ({ watches }),
  resume: ({ options, sessions }) =>
    sessions.hasPlace
      ? { windowSeconds: options.resumeSeconds, bufferBytes: sessionBytes(options) }
      : undefined,
  custom: () => ({}),
}

/**
 * What of the capabilities that a `hello` names this server offers, with the parameters: capabilities.only-named,
 * capabilities.unknown-ignored.
 */
export function offeredOf(hello: Pick<Hello, 'capabilities'>, services: Services): CapabilitiesInForce {
  const asked = hello.capabilities ?? {}
  const { capabilities } = services.options
  return Object.fromEntries(
    capabilityNames
      .filter((name) => Object.hasOwn(asked, name) && capabilities.includes(name))
      .flatMap((name) => {
        const parameters = parametersOf[name](services)
        return parameters === undefined ? [] : [[name, parameters]]
      }),
  )
}

/** Whether a type belongs to Core, or to a capability in force, or to nothing that is known here. */
export function mayBeHandled(type: string, inForce: ReadonlySet<CapabilityName>): boolean {
  const capability = capabilityOf(type)
  return capability === undefined || inForce.has(capability)
}
