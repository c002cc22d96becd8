import type { CheckContext } from '../../engine/context.ts'
import { CheckFailure, Undecided } from '../../engine/failure.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { requestInTime } from '../../endpoint/retry.ts'
import { tokenOf } from '../scene/token.ts'
import { look, presenceWords, toldOf, words } from './stage.ts'
import type { Watching } from './coming-ways.ts'

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

/** watch.online: a token that is refused changes nothing for whom the connection is, be it nobody's or another user's. */
export async function staysWhenRefused(
  t: CheckContext,
  { user, early, late }: Watching & { readonly early: Endpoint },
  phone: Endpoint,
): Promise<void> {
  const other = await tokenOf(t, 0)
  for (const [token, code, what] of [
    [`none-${t.random.hex(24)}`, 'auth-failed', 'a token'],
    [other, 'user-mismatch', 'the token of another user'],
  ] as const) {
    const since = late.log.length
    const outcome = await requestInTime(phone, { type: 'auth', method: 'token', token })
    if (outcome.code !== code)
      throw new Undecided('not-observed', `The server does not refuse ${what} with ${code}`)
    await late.sync()
    const said = await look(early, user, true)
    const wrong = [...toldOf(late, user, since), said].find(({ online }) => !online)
    if (wrong)
      throw new CheckFailure(
        `online true for a user whose only connection was refused ${what}, and goes on`,
        presenceWords(wrong),
      )
  }
}
