import { capabilityOf, type CapabilityName, type KnownErrorCode } from '@parley/schemas'
import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure } from '../../engine/failure.ts'
import type { Sendable } from '../../endpoint/endpoint.ts'
import { indefinite } from '../../observer/indefinite.ts'
import { clientTypes, sampleOf } from '../scene/client-sample.ts'
import { expectRefusal } from '../scene/refusal.ts'
import { requireAuth } from '../scene/token.ts'

/** Capabilities whose messages are an application's, or the server's, to answer; who may resume is resume.failed’s. */
const capabilities = [
  'calls',
  'discovery',
  'ice-servers',
  'custom',
] as const satisfies readonly CapabilityName[]

/** Codes of these messages that are as right as `unauthenticated`: a stranger is in no room, and has no call. */
const alsoRight: Partial<Record<string, readonly KnownErrorCode[]>> = {
  calls: ['call-not-found', 'user-unavailable'],
  custom: ['not-in-room'],
}

/** What a capability lets a client say, all of it before authentication. */
async function refusesEarly(t: CheckContext, capability: CapabilityName): Promise<void> {
  requireAuth(t)
  const { room, a, b } = await t.pair()
  const c = await t.client({ anonymous: true })
  const setting = { room, to: b.peer, call: t.callId(), token: '' }
  const messages: Sendable[] =
    capability === 'custom'
      ? [{ type: 'com.example.early', room } as unknown as Sendable]
      : clientTypes.filter((type) => capabilityOf(type) === capability).map((type) => sampleOf(type, setting))
  // All in one go: a server waits for the authentication of a client for a while only.
  const posted = messages.map((message) => ({ message, id: c.post(message).id }))
  const codes = ['unauthenticated', ...(alsoRight[capability] ?? [])] as const
  for (const { message, id } of posted)
    await expectRefusal(c, id, codes, `${wordsOf(message.type)} before authentication`)
  await t.barrier(a, b, room)
  const effect = b.log.find(({ message }) => message['call'] === setting.call || message['from'] === c.peer)
  if (effect)
    throw new CheckFailure(
      'no effect of what came before authentication',
      `${indefinite(String(effect.message['type']))} came to another client`,
    )
}

function wordsOf(type: string): string {
  return type.includes('.') ? 'a custom message' : indefinite(type)
}

/** Checks of what capabilities let a client say before it is authenticated. */
export const earlyMessageChecks: readonly Check[] = capabilities.map((capability) =>
  check(
    'auth.required',
    `messages of ${capability} before authentication`,
    (t) => refusesEarly(t, capability),
    { name: capability, capability },
  ),
)
