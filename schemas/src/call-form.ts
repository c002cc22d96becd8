import { Type, type TObject, type TProperties } from '@sinclair/typebox'
import type { Answer, DeliveredAnswer } from './messages/answer.ts'
import { answer } from './messages/answer.ts'
import type { Candidate, DeliveredCandidate } from './messages/candidate.ts'
import { candidate } from './messages/candidate.ts'
import type { DeliveredHangup, Hangup } from './messages/hangup.ts'
import { hangup } from './messages/hangup.ts'
import type { DeliveredOffer, Offer } from './messages/offer.ts'
import { offer } from './messages/offer.ts'

/** What of a message of the negotiation has no place in a call made by `invite`. */
export type InCall<M> = Omit<M, 'room' | 'label'> & { readonly room?: never }

/** `offer` in a call made by `invite`: without `room`, and without `label`, which stood in the invite. */
export type CallOffer = InCall<Offer>
/** The same as its receiver reads it, with `from`. */
export type DeliveredCallOffer = InCall<DeliveredOffer>
/** `answer` in a call made by `invite`: without `room`. */
export type CallAnswer = InCall<Answer>
/** The same as its receiver reads it, with `from`. */
export type DeliveredCallAnswer = InCall<DeliveredAnswer>
/** `candidate` in a call made by `invite`: without `room`. */
export type CallCandidate = InCall<Candidate>
/** The same as its receiver reads it, with `from`. */
export type DeliveredCallCandidate = InCall<DeliveredCandidate>
/** `hangup` in a call made by `invite`: without `room`. */
export type CallHangup = InCall<Hangup>
/** The same as its receiver reads it, with `from`. */
export type DeliveredCallHangup = InCall<DeliveredHangup>

/** Any message of the negotiation as a party of a call made by `invite` sends it. */
export type CallRelay = CallOffer | CallAnswer | CallCandidate | CallHangup
/** Any message of the negotiation as a party of a call made by `invite` reads it. */
export type DeliveredCallRelay =
  DeliveredCallOffer | DeliveredCallAnswer | DeliveredCallCandidate | DeliveredCallHangup

/** Whether a message stands in a call made by `invite`, and in no room. */
export function isCallRelay(message: { readonly type: string }): message is CallRelay {
  return callForms.some(({ type }) => type === message.type) && !('room' in message)
}

/** The form that a message of the negotiation has in a call made by `invite`. */
export interface CallFormDefinition {
  /** Names the form among the published schemas. */
  readonly name: `call-${CallRelay['type']}`
  readonly type: CallRelay['type']
  readonly direction: 'relayed'
  readonly capability: 'calls'
  readonly schema: TObject
  readonly delivered: TObject
}

const to = 'The receiver: the other party of the call, by the peer id the server told.'

/** Core's form with another place: everything else is derived, so that the two cannot drift apart. */
function inCall(type: CallRelay['type'], { schema, delivered }: Record<'schema' | 'delivered', TObject>) {
  const name = `call-${type}` as const
  const sent = withoutRoom(schema, name)
  const properties = {
    ...sent.properties,
    to: { ...schema.properties['to'], description: to },
  } as TProperties
  return {
    name,
    type,
    direction: 'relayed',
    capability: 'calls',
    schema: Type.Object(properties, optionsOf(sent)),
    delivered: withoutRoom(delivered, `${name}, delivered`),
  } as const satisfies CallFormDefinition
}

function withoutRoom(form: TObject, title: string): TObject {
  const { room: _room, label: _label, ...properties } = form.properties
  const absent = Type.Optional(
    Type.Never({ description: 'Never present: a call made by invite stands in no room.' }),
  )
  const examples = (form['examples'] as readonly object[]).map((example) => {
    const { room: _in, label: _as, ...rest } = example as Record<string, unknown>
    return rest
  })
  return Type.Object(
    { ...properties, room: absent },
    {
      ...optionsOf(form),
      title,
      description: `${form.description ?? ''} In a call made by invite, where the capability calls is in force.`,
      examples,
    },
  )
}

/** The key words of an object's schema beside its members. */
function optionsOf({ type: _type, properties: _properties, required: _required, ...options }: TObject) {
  return options
}

/** The messages of the negotiation in the form that they have in a call made by `invite`. */
export const callForms = [
  inCall('offer', offer),
  inCall('answer', answer),
  inCall('candidate', candidate),
  inCall('hangup', hangup),
] as const satisfies readonly CallFormDefinition[]
