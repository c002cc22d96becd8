import type { UserId } from '@parley/schemas'
import type { Client } from '../client.ts'
import { whenReady, type Awaitable } from '../directory.ts'
import { inTime } from '../in-time.ts'
import { OptionError, type Options } from '../option.ts'
import type { Services } from '../services.ts'
import type { SightQuestion, SightRule } from './sight-rule.ts'

/**
 * Which of some users a client sees: by the application's rule, or else by the option `seeUsers`.
 *
 * @returns A test; what a rule does not answer in time, or not at all, is a no.
 */
export function sightOf(
  client: Client,
  users: readonly UserId[],
  services: Services,
): Awaitable<(user: UserId) => boolean> {
  const { options, sightRule } = services
  const { user: self, peer } = client
  // Where nobody authenticates there are no users. find.not-by-presence: nobody looks here at who is online.
  if (self === undefined) return () => false
  if (sightRule === undefined) return (user) => options.seeUsers === 'anyone' || user === self // find.own-user
  const others = users.filter((user) => user !== self)
  if (others.length === 0) return (user) => user === self
  return whenReady(ask({ user: self, peer, users: others }, services), (seen) => {
    const set = new Set(seen)
    return (user) => user === self || set.has(user) // find.own-user
  })
}

/** Guards the server against an application's rule. */
function ask(question: SightQuestion, services: Services): Awaitable<readonly UserId[]> {
  const { sightRule, clock, journal } = services
  const failed = (cause: unknown): readonly UserId[] => {
    journal.broke(question.peer, cause, 'asking who is seen failed')
    return []
  }
  try {
    const answer: unknown = inTime(sightRule?.(question) ?? [], clock, 'rule for who is seen')
    return answer instanceof Promise ? answer.then(checked).catch(failed) : checked(answer)
  } catch (cause) {
    return failed(cause)
  }
}

function checked(answer: unknown): readonly UserId[] {
  if (Array.isArray(answer)) return answer as readonly UserId[]
  throw new Error('The rule for who is seen gave no list of users')
}

/**
 * The application's rule, as an embedding program gives it.
 *
 * @throws `OptionError` where an option names one that only the program `parley-server` reads.
 */
export function sightRuleOf({ seeModule }: Options, given: SightRule | undefined): SightRule | undefined {
  if (seeModule !== '' && given === undefined)
    throw new OptionError('seeModule is read by the program parley-server: give maySee')
  return given
}
