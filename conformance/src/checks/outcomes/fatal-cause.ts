import type { KnownErrorCode } from '@parley/schemas'
import type { CheckContext } from '../../engine/context.ts'
import type { Endpoint } from '../../endpoint/endpoint.ts'
import { invalidToken } from '../scene/token.ts'
import { unspokenVersion } from '../scene/version.ts'

/** A way to bring a server to end a connection with a fatal error, without harm to anybody else. */
export interface FatalCause {
  /** The error that has to come. */
  readonly code: KnownErrorCode
  /** What brings it, in words. */
  readonly what: string
  /** Brings it, and returns the endpoint whose connection has to end. */
  readonly provoke: (t: CheckContext) => Promise<Endpoint>
}

/** Every fatal error that a client can bring about in an ordinary run. */
export const fatalCauses: readonly FatalCause[] = [
  {
    code: 'hello-required',
    what: 'a ping before hello',
    provoke: async (t) => {
      const a = await t.open()
      a.post({ type: 'ping' })
      return a
    },
  },
  {
    code: 'unsupported-version',
    what: 'a hello without a version in common',
    provoke: async (t) => {
      const a = await t.open()
      a.post({ type: 'hello', versions: [unspokenVersion] })
      return a
    },
  },
  {
    code: 'replaced',
    what: 'a hello that replaces the connection',
    provoke: async (t) => {
      const a = await t.client({ anonymous: true })
      const b = await t.open()
      b.post({ type: 'hello', versions: [1], replaces: a.session })
      return a
    },
  },
  {
    code: 'auth-failed',
    what: 'a third token that is not valid',
    provoke: async (t) => {
      if (t.target.welcome.auth.length === 0)
        t.notApplicable('welcome.auth is empty: nobody authenticates here')
      const a = await t.client({ anonymous: true })
      for (const attempt of [1, 2, 3]) {
        a.post({ type: 'auth', method: 'token', token: `${invalidToken(t)}${String(attempt)}` })
      }
      return a
    },
  },
]
