import { Type, type Static } from '@sinclair/typebox'

/** Acknowledges numbered messages: an integer of 0 to 2^53 - 1, where 0 means none yet. */
export const Acknowledgement = Type.Integer({
  title: 'Acknowledgement',
  description:
    'The number of the last message that was acted on, and with it of all before: an integer of 0 to 9007199254740991; 0 means none yet.',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
})
/** A value of the schema of this name. */
export type Acknowledgement = Static<typeof Acknowledgement>
