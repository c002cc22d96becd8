import type { Custom } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Endpoint, Pending, Received, Sendable } from '../../endpoint/endpoint.ts'
import type { Wire } from '../../endpoint/wire.ts'
import { clip } from '../../observer/frame-observer.ts'
import { expectAccepted } from '../scene/refusal.ts'

/** A type that no server knows. */
export const customType = 'com.example.raise-hand'

/** A message of an application: `n` tells it from the others of its check. */
export type Said = Custom & { readonly n: number } & Wire

/** The members of a room. */
export interface Stage {
  readonly room: string
  readonly a: Endpoint
  readonly b: Endpoint
  /** A third one with `custom`, where the room has place. */
  readonly c: Endpoint | undefined
  /** One without, where it has place for four. */
  readonly bare: Endpoint | undefined
}

/** Lets as many members come in as a room has place for. */
export async function stage(t: CheckContext): Promise<Stage> {
  const { membersPerRoom = Infinity } = t.target.welcome.limits
  const [a, b, c, bare] = await Promise.all([
    t.client(),
    t.client(),
    membersPerRoom > 2 ? t.client() : undefined,
    membersPerRoom > 3 ? t.client({ capabilities: [] }) : undefined,
  ])
  const room = t.room()
  await t.join(room, ...[a, b, c, bare].filter((member) => member !== undefined))
  return { room, a, b, c, bare }
}

/** Sends a message of an application with an `id`. */
export function say(from: Endpoint, message: Omit<Said, 'type'>): Pending {
  return from.post({ type: customType, ...message } as unknown as Sendable)
}

/** The same without an `id`. */
export function sayQuietly(from: Endpoint, message: Omit<Said, 'type'>): void {
  from.send({ type: customType, ...message } as unknown as Sendable)
}

/** Waits until it has been accepted. */
export async function saying(from: Endpoint, message: Omit<Said, 'type'>, what: string): Promise<void> {
  await expectAccepted(say(from, message), 'ok', what)
}

/** Waits for a message of an application. */
export function hear(member: Endpoint, n: number, what: string): Promise<Received> {
  return member.waitFor(({ message }) => message['type'] === customType && message['n'] === n, what)
}

/** Waits until a message of an application has come to all of them; says who has got it where one has not. */
export async function hearAll(members: readonly Endpoint[], n: number, what: string): Promise<void> {
  const outcomes = await Promise.allSettled(
    members.map((member) => hear(member, n, `${what}, at ${member.name}, for whom custom is in force`)),
  )
  const failed = outcomes.find(({ status }) => status === 'rejected')
  if (failed?.status !== 'rejected') return
  const reached = members.filter((_, place) => outcomes[place]?.status === 'fulfilled')
  if (!(failed.reason instanceof CheckFailure) || reached.length === 0) throw failed.reason
  const names = reached.map(({ name }) => name).join(', ')
  throw failed.reason.inWords(failed.reason.expected, `${failed.reason.actual}; ${names} got it`)
}

/** Fails where a message has come to somebody that it was not for; what was sent before has to have arrived. */
export function requireUnheard(
  members: readonly (Endpoint | undefined)[],
  numbers: readonly number[],
  what: string,
): void {
  for (const member of members) {
    const got = member?.log.find(
      ({ message }) => message['type'] === customType && numbers.includes(Number(message['n'])),
    )
    if (member && got)
      throw new CheckFailure(
        `no delivery of ${what}`,
        `it came to ${member.name}: ${clip(got.text)}`,
      ).shownBy(got.text)
  }
}
