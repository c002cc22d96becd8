import { messages } from '@parley/schemas'

const relayedTypes: ReadonlySet<string> = new Set(
  messages.filter(({ direction }) => direction === 'relayed').map(({ type }) => type satisfies string),
)

/** Whether a type is relayed from client to client. */
export function isRelayed(type: string | undefined): boolean {
  return type !== undefined && relayedTypes.has(type)
}
