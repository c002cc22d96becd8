import { Type, type Static, type TLiteral, type TObject, type TProperties } from '@sinclair/typebox'
import type { CapabilityName } from './capability.ts'
import { clientEnvelope, deliveredEnvelope, sentEnvelope, serverEnvelope } from './envelope.ts'

/**
 * Who writes a message: a client to the server, the server, or a client to another peer through the server. `mediated`: a client to the
 * server, and the server to clients in a form of its own.
 */
export type Direction = 'client' | 'server' | 'relayed' | 'mediated'

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
  D extends Exclude<Direction, 'mediated'>,
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
  D extends Exclude<Direction, 'mediated'>,
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

/** What an author writes of a message that both sides write. */
export interface MediatedOptions<T extends string, F extends TProperties, S extends TProperties> {
  /** What it is for, in one sentence. */
  readonly summary: string
  /** The capability that it belongs to. */
  readonly capability: CapabilityName
  /** Members that a client writes beside the envelope. */
  readonly sent: F
  /** Members that a client reads. */
  readonly told: S
  /** Complete messages as a client sends them. */
  readonly examples: readonly Static<SentSchema<T, 'client', NoInfer<F>>>[]
  /** Complete messages as a client reads them. */
  readonly toldExamples: readonly Static<SentSchema<T, 'server', NoInfer<S>>>[]
}

/** One message that a client says to the server, and the server to clients. */
export interface MediatedDefinition<T extends string, F extends TProperties, S extends TProperties> {
  /** The `type` on the wire. */
  readonly type: T
  /** Who writes it. */
  readonly direction: 'mediated'
  /** What it is for, in one sentence. */
  readonly summary: string
  /** Its outcome is `ok` or `error`. */
  readonly reply: undefined
  /** The capability that it belongs to. */
  readonly capability: CapabilityName
  /** The form that a client puts on the wire. */
  readonly schema: SentSchema<T, 'client', F>
  /** The form that the server puts on the wire. */
  readonly delivered: SentSchema<T, 'server', S>
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
  const D extends Exclude<Direction, 'mediated'>,
  F extends TProperties,
  const R extends string = never,
>(type: T, options: MessageOptions<T, D, F, R>): MessageDefinition<T, D, F, R> {
  const { direction, summary, fields, reply, capability, examples } = options
  const envelope = { client: clientEnvelope, server: serverEnvelope, relayed: sentEnvelope }[direction]
  const about = { type, description: descriptionOf(summary, capability), fields }
  const delivered =
    direction === 'relayed'
      ? formOf(deliveredEnvelope, {
          ...about,
          title: `${type}, delivered`,
          examples: examples.map((example) => ({ ...example, from: exampleSender })),
        })
      : undefined
  const schema = formOf(envelope, { ...about, title: type, examples })
  const definition = { type, direction, summary, reply, capability, schema, delivered }
  // The properties are assembled at run time from the very parts that the type names.
  return definition as unknown as MessageDefinition<T, D, F, R>
}

/**
 * Defines one message that a client says to the server, and the server to clients in a form of its own.
 *
 * @param type - The `type` on the wire: lower-case words joined by hyphens.
 */
export function defineMediated<const T extends string, F extends TProperties, S extends TProperties>(
  type: T,
  options: MediatedOptions<T, F, S>,
): MediatedDefinition<T, F, S> {
  const { summary, capability, sent, told, examples, toldExamples } = options
  const about = { type, description: descriptionOf(summary, capability) }
  const schema = formOf(clientEnvelope, { ...about, title: type, fields: sent, examples })
  const delivered = formOf(serverEnvelope, {
    ...about,
    title: `${type}, delivered`,
    fields: told,
    examples: toldExamples,
  })
  const direction = 'mediated' as const
  const definition = { type, direction, summary, reply: undefined, capability, schema, delivered }
  // The properties are assembled at run time from the very parts that the type names.
  return definition as unknown as MediatedDefinition<T, F, S>
}

function descriptionOf(summary: string, capability: CapabilityName | undefined): string {
  return capability === undefined
    ? summary
    : `${summary} Only where the capability ${capability} is in force.`
}

interface FormOptions {
  readonly type: string
  readonly title: string
  readonly description: string
  readonly fields: TProperties
  readonly examples: readonly object[]
}

function formOf(
  { allowed, forbidden }: { readonly allowed: TProperties; readonly forbidden: TProperties },
  { type, title, description, fields, examples }: FormOptions,
): TObject {
  return Type.Object(
    {
      type: Type.Literal(type, { description: 'Names the message.' }),
      ...allowed,
      ...forbidden,
      ...fields,
    },
    { title, description, examples, propertyNames },
  )
}
