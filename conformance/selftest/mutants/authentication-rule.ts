import { startReferenceServer } from '../running-server.ts'
import { selfTestTokens } from '../self-test-token.ts'
import { defaultHandlers, type Handler, type TokenEntry } from '@parley/reference-server'
import type { Frame, MiddlemanRules, Passage } from '../middleman.ts'
import { changed, counted } from '../rule.ts'

/** The two users of the self-test. */
export const [ann, bob] = selfTestTokens as [TokenEntry, TokenEntry]

/** A server that authenticates in its own way. */
export function authenticating(auth: (inner: Handler<'auth'>) => Handler<'auth'>) {
  return () =>
    startReferenceServer({}, { handlers: { ...defaultHandlers, auth: auth(defaultHandlers.auth) } })
}

/** Notes whether a passage is authenticated, as the kit sees it. */
export function noting(rules: MiddlemanRules): MiddlemanRules {
  return {
    ...rules,
    toClient: (frame, passage, text) => {
      if (frame['type'] === 'authenticated') passage.notes.set('user', frame['user'])
      if (frame['type'] === 'welcome') passage.notes.set('welcome', true)
      return rules.toClient ? rules.toClient(frame, passage, text) : true
    },
  }
}

/** Changes the errors of auth. */
export function authErrors(
  change: (frame: Frame, passage: Passage) => Frame | boolean,
): () => MiddlemanRules {
  return () => ({
    toServer: changed('auth', (frame, passage) => {
      passage.notes.set(
        'token',
        typeof frame['token'] === 'string' ? frame['token'] : JSON.stringify(frame['token']),
      )
      return true
    }),
    toClient: changed('error', (frame, passage) => (frame['of'] === 'auth' ? change(frame, passage) : true)),
  })
}

/** Takes over what a connection is told of its authentication, where it is in force already. */
export function onRefresh(change: (frame: Frame, passage: Passage) => Frame | boolean): () => MiddlemanRules {
  return () => ({
    toClient: changed('authenticated', (frame, passage) =>
      counted(passage, 'authenticated') > 1 ? change(frame, passage) : true,
    ),
  })
}
