import { Type, type Static } from '@sinclair/typebox'
import type { CapabilityName } from '../capability.ts'
import { deliveredEnvelope, describedAs, sentEnvelope } from '../envelope.ts'
import { VendorName } from '../vendor-name.ts'

const type = describedAs(
  VendorName,
  'Names the message: a reverse-domain name that its application has chosen.',
)

const summary = 'Carries what an application says to its peers; the server reads none of it.'

const description = `${summary} Only where the capability custom is in force.`

/** Top-level names beginning with `$` are kept for members that must be understood. */
const propertyNames = { pattern: '^([^$]|$)' }

const examples = [
  { type: 'com.example.raise-hand', room: 'standup' },
  {
    type: 'com.example.cursor',
    id: '7',
    to: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg',
    room: 'standup',
    x: 12,
    y: 80.5,
  },
]

const everybody = 'without it: every other member of the room for whom custom is in force.'

const schema = Type.Object(
  {
    type,
    ...sentEnvelope.allowed,
    to: Type.Optional(
      describedAs(sentEnvelope.allowed.to, `The receiver: another member of the room; ${everybody}`),
    ),
    ...sentEnvelope.forbidden,
  },
  { title: 'custom', description, examples, propertyNames },
)

const delivered = Type.Object(
  {
    type,
    ...deliveredEnvelope.allowed,
    to: Type.Optional(
      describedAs(
        deliveredEnvelope.allowed.to,
        'The receiver itself, as the sender wrote it; absent where it was sent to everybody.',
      ),
    ),
    ...deliveredEnvelope.forbidden,
  },
  {
    title: 'custom, delivered',
    description,
    examples: examples.map((example) => ({ ...example, from: 'Qm5vdGFzZWNyZXQ_a1b2' })),
    propertyNames,
  },
)

/** A message of any type with a dot: the one message that the specification knows by the form of its type, not by the type. */
export const custom = {
  /** How files, fixtures and constraints call it; on the wire there is no such type. */
  type: 'custom',
  direction: 'relayed',
  summary,
  reply: undefined,
  capability: 'custom' satisfies CapabilityName,
  schema,
  delivered,
} as const

/** A message of an application as its author puts it on the wire; what else it holds is the application's. @interface */
export type Custom = Static<typeof schema>

/** A message of an application as its receiver reads it. @interface */
export type DeliveredCustom = Static<typeof delivered>

const reverseDomain = new RegExp(VendorName['pattern'] as string, 'u')

/** Whether a type is one that applications choose: a reverse-domain name. */
export function isCustomType(name: string): name is VendorName {
  return reverseDomain.test(name)
}

/** Whether a message is one of an application, by its type. */
export function isCustom<M extends { readonly type: string }>(
  message: M,
): message is Extract<M, { readonly type: VendorName }> {
  return isCustomType(message.type)
}
