import { Type } from '@sinclair/typebox'
import { AuthMethod } from '../auth-method.ts'
import { defineMessage, type MessageOf } from '../define-message.ts'

/** Only methods that `welcome.auth` lists are of use. The third failure is fatal. */
export const auth = defineMessage('auth', {
  direction: 'client',
  summary: 'Authenticates the connection, or refreshes its authentication.',
  reply: 'authenticated',
  fields: {
    method: AuthMethod,
    token: Type.String({
      title: 'Token',
      description:
        'A bearer token, opaque to the protocol: 1 to 16384 printable ASCII characters. Never logged, never echoed.',
      minLength: 1,
      maxLength: 16_384,
      pattern: '^[ -~]*$',
    }),
  },
  examples: [
    {
      type: 'auth',
      id: '2',
      method: 'token',
      token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl',
    },
  ],
})
/** Authenticates the connection, or refreshes its authentication. @interface */
export type Auth = MessageOf<typeof auth>
