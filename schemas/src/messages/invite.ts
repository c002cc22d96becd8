import { Type } from '@sinclair/typebox'
import { Data } from '../data.ts'
import { defineMediated, type DeliveredOf, type MessageOf } from '../define-message.ts'
import { describedAs } from '../envelope.ts'
import { CallId, Label } from '../negotiation.ts'
import { Callee, Party } from '../party.ts'

const carried = {
  label: Type.Optional(describedAs(Label, 'Tells apart calls that may cross; absent counts as equal.')),
  data: Type.Optional(describedAs(Data, 'Any JSON value, shown to the endpoints that ring.')),
}

/** No session description yet: which of the callee's devices takes the call is not known before `accept`. */
export const invite = defineMediated('invite', {
  capability: 'calls',
  summary: 'Rings a user or a peer; to the endpoints that are to ring it says who calls.',
  sent: {
    call: describedAs(
      CallId,
      'Names the call: 32 lower-case hexadecimal digits, 128 random bits drawn by the caller.',
    ),
    callee: Callee,
    ...carried,
    ringSeconds: Type.Optional(
      Type.Integer({
        description:
          'Time for which it may ring, in seconds: an integer of 1 to 600. At most that of the capability, which is also the default.',
        minimum: 1,
        maximum: 600,
      }),
    ),
  },
  told: {
    call: describedAs(CallId, 'Names the call, as the caller drew it: 32 lower-case hexadecimal digits.'),
    caller: describedAs(Party, 'Who calls, as the server knows it.'),
    ...carried,
  },
  examples: [
    {
      type: 'invite',
      call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58',
      callee: { peer: 'k7Jf3mWq9ZtYb2Ls0XcVn5Rg' },
    },
    {
      type: 'invite',
      id: '7',
      call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58',
      callee: { user: 'ben' },
      label: 'camera',
      data: { video: true },
      ringSeconds: 30,
    },
  ],
  toldExamples: [
    {
      type: 'invite',
      call: '5f0c9d3be8a14b7c92d6e1f07a3b4c58',
      caller: { peer: 'V1StGXR8_Z5jdHi6B-myT0q3', user: 'ada' },
      label: 'camera',
      data: { video: true },
    },
  ],
})
/** Rings a user or a peer. @interface */
export type Invite = MessageOf<typeof invite>
/** The same as an endpoint reads it that is to ring. @interface */
export type DeliveredInvite = DeliveredOf<typeof invite>
