import { check, type Check } from '../../engine/check.ts'
import type { CheckContext } from '../../engine/context.ts'
import { readJsonWebToken } from '../../target/json-web-token.ts'
import { alteredOf, forgeriesOf } from './forgery.ts'
import { invalidToken, requireToken, tokenIfNeeded, tokenOf } from '../scene/token.ts'
import { expectAuthenticated, expectFailed, requireMethods } from './auth-outcome.ts'

function otherCase(token: string): string {
  return token.replace(/[a-z]/gi, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()))
}

/**
 * A token with the same begin, and no other that somebody might have been given: most are written with fewer letters. More than one character
 * differs: the last one alone may stand for no whole byte.
 */
function otherEnd(token: string): string {
  const end = Array.from(token.slice(-4), (letter) => (letter.toLowerCase() === 'z' ? 'y' : 'z'))
  return `${token.slice(0, -4)}${end.join('')}`
}

/** What is made of a valid token, or looks like it. */
function nearly(t: CheckContext, token: string): readonly (readonly [token: string, what: string])[] {
  const foreign = invalidToken(t)
    .repeat(Math.ceil(token.length / 48))
    .slice(0, token.length)
  const wrong = [
    [token.slice(0, Math.ceil(token.length / 2)), 'half of its token'],
    [foreign, 'another token of as many characters as its own'],
    // A JSON Web Token is altered by its parts, see refusesForgeries.
    [readJsonWebToken(token) ? token : otherEnd(token), 'its token with other characters at the end'],
    [otherCase(token), 'its token with small letters for capitals, and capitals for small ones'],
  ] as const
  // Of a short token, the shorter one might be of somebody else.
  return token.length < 8 ? [] : wrong.filter(([text]) => text !== token)
}

/** A server is no less strict with whom it knows already. Two on each connection, of the token that it has authenticated with. */
async function refusesOnceKnown(t: CheckContext): Promise<void> {
  for (const begin of [0, 2]) {
    const token = await tokenOf(t)
    const a = await t.client({ anonymous: true })
    // The control: the same message with a valid token.
    await expectAuthenticated(t, a, 0, 'a valid token', token)
    for (const [text, what] of nearly(t, token).slice(begin, begin + 2))
      await expectFailed(a, text, `${what}, on an authenticated connection`)
    await a.sync()
  }
}

/** Two on each connection: the third failure is fatal. */
async function expectAllFailed(
  t: CheckContext,
  wrong: readonly (readonly [token: string, what: string])[],
): Promise<void> {
  for (let begin = 0; begin < wrong.length; begin += 2) {
    const a = await t.client({ anonymous: true })
    for (const [text, what] of wrong.slice(begin, begin + 2)) await expectFailed(a, text, what)
    await a.sync()
  }
}

async function refusesTokens(t: CheckContext): Promise<void> {
  requireMethods(t)
  const token = await tokenIfNeeded(t)
  const half = token.slice(0, Math.ceil(token.length / 2))
  const wrong: [string, string][] = [
    [invalidToken(t), 'a token that is not valid'],
    [t.random.hex(32), 'a token that nobody was given'],
    ['eyJhbGciOiJub25lIn0.eyJzdWIiOiJwYXJsZXkiLCJleHAiOjQ3MDAwMDAwMDB9.', 'a token that is signed by nobody'],
    [' ', 'a space'],
    [invalidToken(t).padEnd(16_384, 'a'), 'a token of 16384 characters'],
    ['constructor', 'a name that programming languages keep for themselves'],
    ...(half.length >= 4 && half !== token ? ([[half, 'half of a valid token']] as [string, string][]) : []),
    ...(token.length > 4
      ? ([[token.slice(0, -1), 'a valid token without its last character']] as [string, string][])
      : []),
    ...(token !== ''
      ? ([
          [`${token}${token}`.slice(0, 16_384), 'a valid token written twice'],
          // frames.exact-names: values compare exactly, and a token is opaque.
          [` ${token}`.slice(0, 16_384), 'a valid token behind a space'],
          [`${token} `.slice(-16_384), 'a valid token before a space'],
          // What a header of HTTP or a file of settings has around it.
          [`Bearer ${token}`.slice(0, 16_384), 'a valid token behind the word Bearer'],
          [`"${token}"`.slice(0, 16_384), 'a valid token in quotation marks'],
          [otherCase(token), 'a valid token with small letters for capitals, and capitals for small ones'],
        ] as [string, string][])
      : []),
  ]
  // A token without letters has no other case.
  const different = wrong.filter(([text]) => text !== token)
  await expectAllFailed(t, different)
  if (!t.target.needsAuth || token === '') return
  await refusesOnceKnown(t)
}

/** What is made of a valid token without the key of its issuer. Where a token holds for one connection only, all of it is spent before. */
async function refusesForgeries(t: CheckContext): Promise<void> {
  requireToken(t)
  const token = await tokenOf(t)
  const parts = readJsonWebToken(token)
  if (parts === undefined) t.notApplicable('The token of the kit is no signed JSON Web Token')
  // The control, and first: a server may remember what it has found good, and take for it what is not.
  await expectAuthenticated(t, await t.client({ anonymous: true }), 0, 'a valid token', token)
  const forgeries = await forgeriesOf(parts)
  await expectAllFailed(
    t,
    forgeries.map(([forged, what]) => [forged, `a JSON Web Token ${what}`]),
  )
  const again = await tokenOf(t)
  const known = await t.client({ anonymous: true })
  await expectAuthenticated(t, known, 0, 'a valid token', again)
  const altered = alteredOf(readJsonWebToken(again) ?? parts).slice(0, 2)
  for (const [forged, what] of altered)
    await expectFailed(known, forged, `a JSON Web Token ${what}, on an authenticated connection`)
}

/** Tokens that are not valid, some of them nearly. */
export const wrongTokenChecks: readonly Check[] = [
  check('auth.failed', 'tokens that are not valid', refusesTokens, { lengthy: true }),
  check('auth.failed', 'JSON Web Tokens that are forged', refusesForgeries, { name: 'forged' }),
]
