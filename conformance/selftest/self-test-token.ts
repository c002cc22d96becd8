import type { TokenEntry } from '@parley/reference-server'

/** Tokens of the reference server in the self-test: one user who may do everything, one with grants. */
export const selfTestTokens: readonly TokenEntry[] = [
  { token: 'ann-4f1d0c9be2a7', user: 'ann' },
  {
    token: 'bob-93c2e7a1d05f',
    user: 'bob',
    grants: [
      { prefix: 'parley-', join: true, send: true },
      { prefix: 'listen-', join: true, send: false },
    ],
  },
]
