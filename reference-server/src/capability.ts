import {
  capabilityNames,
  capabilityOf,
  type CapabilitiesInForce,
  type CapabilityName,
  type Hello,
  type ParametersOf,
} from '@parley/schemas'
import type { Options } from './option.ts'

/** The parameters of each capability in `welcome`: one that is missing here does not compile. */
const parametersOf: { readonly [C in CapabilityName]: (options: Options) => ParametersOf<C> } = {
  drain: () => ({}),
}

/**
 * What of the capabilities that a `hello` names this server offers, with the parameters: capabilities.only-named,
 * capabilities.unknown-ignored.
 */
export function offeredOf(hello: Pick<Hello, 'capabilities'>, options: Options): CapabilitiesInForce {
  const asked = hello.capabilities ?? {}
  const offered = capabilityNames.filter(
    (name) => Object.hasOwn(asked, name) && options.capabilities.includes(name),
  )
  return Object.fromEntries(offered.map((name) => [name, parametersOf[name](options)]))
}

/** Whether a type belongs to Core, or to a capability in force, or to nothing that is known here. */
export function mayBeHandled(type: string, inForce: ReadonlySet<CapabilityName>): boolean {
  const capability = capabilityOf(type)
  return capability === undefined || inForce.has(capability)
}
