import { Type, type Static, type TLiteral, type TObject, type TProperties } from '@sinclair/typebox'
import type { CapabilityName } from './capability.ts'
import { clientEnvelope, deliveredEnvelope, sentEnvelope, serverEnvelope } from './envelope.ts'

/** Who writes a message: a client to the server, the server, or a client to another peer through the server. */
export type Direction = 'client' | 'server' | 'relayed'

type EnvelopeOf<D extends Direction> = D extends 'client'
  ? typeof clientEnvelope
  : D extends 'server'
    ? typeof serverEnvelope
    : typeof sentEnvelope

type Properties<
  T extends string,
  E extends { readonly allowed: TProperties; readonly forbidden: TProperties },
  F extends TProperties,
> = { type: TLiteral<T> } & Omit<E['allowed'], keyof F> & Omit<E['forbidden'], keyof F> & F

type SentSchema<T extends string, D extends Direction, F extends TProperties> = TObject<
  Properties<T, EnvelopeOf<D>, F>
>

type DeliveredSchema<T extends string, F extends TProperties> = TObject<
  Properties<T, typeof deliveredEnvelope, F>
>

/** What an author writes of a message. */
export interface MessageOptions<
  T extends string,
  D extends Direction,
  F extends TProperties,
  R extends string,
> {
  /** Who writes it. */
  readonly direction: D
  /** What it is for, in one sentence. */
  readonly summary: string
  /** Its members beside the envelope (`type`, `id`, `ref`, and of relayed messages `to`, `from`, `room`). */
  readonly fields: F
  /** The type of its typed reply; without one its outcome is `ok` or `error`. */
  readonly reply?: R
  /** The capability that it belongs to; without one it is Core's. */
  readonly capability?: CapabilityName
  /** Complete messages as their author sends them, shown in the docs and validated. */
  readonly examples: readonly Static<SentSchema<T, D, NoInfer<F>>>[]
}

/** One message of the protocol. */
export interface MessageDefinition<
  T extends string,
  D extends Direction,
  F extends TProperties,
  R extends string,
> {
  /** The `type` on the wire. */
  readonly type: T
  /** Who writes it. */
  readonly direction: D
  /** What it is for, in one sentence. */
  readonly summary: string
  /** The type of its typed reply; without one its outcome is `ok` or `error`. */
  readonly reply: R | undefined
  /** The capability that it belongs to: it is sent only where that is in force. `undefined` for Core. */
  readonly capability: CapabilityName | undefined
  /** The form that its author puts on the wire. */
  readonly schema: SentSchema<T, D, F>
  /** The form that the receiver of a relayed message reads; `undefined` for all others. */
  readonly delivered: D extends 'relayed' ? DeliveredSchema<T, F> : undefined
}

/** A message as its author puts it on the wire. */
export type MessageOf<M extends { readonly schema: TObject }> = Static<M['schema']>

/** A relayed message as its receiver reads it. */
export type DeliveredOf<M extends { readonly delivered: TObject }> = Static<M['delivered']>

/** Peer id of the sender in the examples of delivered messages. */
const exampleSender = 'Qm5vdGFzZWNyZXQ_a1b2'

/**
 * Top-level names beginning with `$` are kept for members that must be understood, so no message may carry one yet.
 * Written without look-ahead, for RE2 (Go, Rust).
 */
const propertyNames = { pattern: '^([^$]|$)' }

/**
 * Defines one message: everything else (JSON Schema, types, tables, fixtures tests) follows from it.
 *
 * @param type - The `type` on the wire: lower-case words joined by hyphens.
 */
export function defineMessage<
  const T extends string,
  const D extends Direction,
  F extends TProperties,
  const R extends string = never,
>(type: T, options: MessageOptions<T, D, F, R>): MessageDefinition<T, D, F, R> {
  const { direction, summary, fields, reply, capability, examples } = options
  const description =
    capability === undefined ? summary : `${summary} Only where the capability ${capability} is in force.`
  const envelope = { client: clientEnvelope, server: serverEnvelope, relayed: sentEnvelope }[direction]
  const form = (
    { allowed, forbidden }: { allowed: TProperties; forbidden: TProperties },
    title: string,
    formExamples: readonly object[],
  ) =>
    Type.Object(
      {
        type: Type.Literal(type, { description: 'Names the message.' }),
        ...allowed,
        ...forbidden,
        ...fields,
      },
      { title, description, examples: formExamples, propertyNames },
    )
  const delivered =
    direction === 'relayed'
      ? form(
          deliveredEnvelope,
          `${type}, delivered`,
          examples.map((example) => ({ ...example, from: exampleSender })),
        )
      : undefined
  const schema = form(envelope, type, examples)
  const definition = { type, direction, summary, reply, capability, schema, delivered }
  // The properties are assembled at run time from the very parts that the type names.
  return definition as unknown as MessageDefinition<T, D, F, R>
}
