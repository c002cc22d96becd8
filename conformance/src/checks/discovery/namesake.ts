import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, presupposing, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { tokenOf } from '../scene/token.ts'
import { look, presenceWords, toldOf, words } from './stage.ts'
import { awaitChange, type Watching } from './coming-ways.ts'

/** A name in which every letter is of the other case. */
function otherCase(name: string): string {
  return name.replaceAll(/[A-Za-z]/g, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
}

/** Watches names that are like that of an offline user, and those of nobody who is online; returns those. */
export async function watchNamesakes(a: Endpoint, user: string): Promise<readonly string[]> {
  const names = [otherCase(user), `${user}~`, ` ${user}`, user.slice(0, -1)]
  const alike: string[] = []
  for (const name of new Set(names)) {
    if (name === user || name === '' || name.length > 128) continue
    if (!(await look(a, name)).online) alike.push(name)
  }
  return alike
}

/** watch.online: that a user has come online says nothing of one whose name is another one. */
export async function tellsOfNoNamesake(a: Endpoint, alike: readonly string[]): Promise<void> {
  await a.sync()
  for (const name of alike) {
    const wrong = toldOf(a, name).find(({ online }) => online) ?? (await look(a, name, true))
    if (!wrong.online) continue
    throw new CheckFailure(
      `online false for ${words([name])} when a user comes online whose name is another one`,
      presenceWords(wrong),
    )
  }
}

/** watch.online: a token that is refused changes nothing for whom the connection is. */
export async function staysWhenRefused(
  t: CheckContext,
  { user, late }: Watching,
  phone: Endpoint,
): Promise<void> {
  const since = late.log.length
  const outcome = await phone.request({ type: 'auth', method: 'token', token: `none-${t.random.hex(24)}` })
  if (outcome.code !== 'auth-failed')
    throw new Undecided(
      'not-observed',
      'The server does not refuse the token with auth-failed: see auth.failed',
    )
  await late.sync()
  const said = await look(late, user, true)
  const wrong = [...toldOf(late, user, since), said].find(({ online }) => !online)
  if (wrong)
    throw new CheckFailure(
      'online true for a user whose only connection was refused a token, and goes on',
      presenceWords(wrong),
    )
}

/** watch.online: nor does the token of another user. Where a server takes it the user may be offline. */
export async function staysWhoItIs(
  t: CheckContext,
  watching: Watching & { readonly early: Endpoint },
): Promise<void> {
  const { user, early, late } = watching
  const token = await tokenOf(t, 0)
  const since = late.log.length
  const one = await t.client({ user: 1, capabilities: [] })
  await presupposing('watch.change', awaitChange(watching, true, since, 'for a user that has come online'))
  const then = late.log.length
  const { code } = await requestInTime(one, { type: 'auth', method: 'token', token })
  await late.sync()
  const said = await look(early, user, true)
  const wrong = [...toldOf(late, user, then), said].find(({ online }) => !online)
  one.close()
  await one.endsInTime()
  if (toldOf(late, user, then).at(-1)?.online !== false)
    await presupposing('watch.change', awaitChange(watching, false, then, 'for a user that has gone'))
  if (code !== 'user-mismatch')
    throw new Undecided(
      'not-observed',
      'The server does not refuse the token of another user with user-mismatch: see auth.user-mismatch',
    )
  if (wrong)
    throw new CheckFailure(
      'online true for a user whose only connection was refused the token of another user, and goes on',
      presenceWords(wrong),
    )
}
