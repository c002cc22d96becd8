import type { CapabilityName } from './capability.ts'
import { isCustomType } from './messages/custom.ts'
import { messages } from './messages/index.ts'

const byType: ReadonlyMap<string, CapabilityName> = new Map(
  messages.flatMap(({ type, capability }) => (capability === undefined ? [] : [[type, capability] as const])),
)

/**
 * The capability that a type belongs to, whoever sends it.
 *
 * @returns `undefined` for a type of Core, and for one that the specification does not know. A reverse-domain name is always `custom`'s.
 */
export function capabilityOf(type: string): CapabilityName | undefined {
  return byType.get(type) ?? (isCustomType(type) ? 'custom' : undefined)
}
