import type { TObject } from '@sinclair/typebox'
import { callForms } from './call-form.ts'
import type { CapabilityName } from './capability.ts'
import type { Direction } from './define-message.ts'
import { custom } from './messages/custom.ts'
import { messages } from './messages/index.ts'

/** A schema that is published: of a message, or of the form that it has in a call. */
export interface PublishedForm {
  /** Names it: the type, or `call-` and the type for the form in a call. */
  readonly name: string
  readonly type: string
  readonly direction: Direction
  readonly capability: CapabilityName | undefined
  /** The form that its author puts on the wire. */
  readonly schema: TObject
  /** The form that is read where that is another one. */
  readonly delivered: TObject | undefined
}

/** Everything that is published, in the order of the specification. */
export const publishedForms: readonly PublishedForm[] = [
  ...messages.map((message) => ({ ...message, name: message.type })),
  ...callForms,
  { ...custom, name: custom.type },
]
