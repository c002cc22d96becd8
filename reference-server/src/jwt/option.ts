import { Type, type TArray, type TString } from '@sinclair/typebox'
import { about, integer, string } from '../option-field.ts'
import { JwtAlgorithm } from './algorithm.ts'

function list(text: string): TArray<TString> {
  return Type.Array(Type.String({ minLength: 1 }), { default: [], value: 'A,B', text })
}

const presence = Type.Union([Type.Literal('required'), Type.Literal('optional')])
const algorithms = Type.Array(JwtAlgorithm, { default: [], value: 'A,B', text: 'algorithms to allow' })

/** The options about JSON Web Tokens; part of the one table of options. */
export const jwtOptions = {
  jwtSecret: about('auth', string('TEXT', 'secret of HS256 (no flag)', ''), { secret: true }),
  jwtSecretFile: about('auth', string('FILE', 'secret of HS256', '')),
  jwtKeyFile: about('auth', string('FILE', 'public keys, PEM', '')),
  jwtJwksFile: about('auth', string('FILE', 'public keys, JSON Web Key Set', '')),
  jwtJwksUrl: about('auth', string('URL', 'the same by HTTPS', '')),
  jwtAlgorithms: about('auth', algorithms),
  jwtIssuer: about('auth', list('iss to accept, none for any')),
  jwtAudience: about('auth', list('aud to accept, none for tokens without')),
  jwtToleranceSeconds: about('auth', integer('N', 'how far clocks may differ', 5, 0, 300)),
  jwtExpiry: about('auth', presence, {
    default: 'required',
    value: 'WORD',
    text: 'exp: required or optional',
  }),
  jwtUserClaim: about('auth', string('CLAIM', 'where the user stands', 'sub'), { minLength: 1 }),
  jwtGrantsClaim: about('auth', string('CLAIM', 'where grants stand', 'grants'), { minLength: 1 }),
  jwtGrants: about('auth', presence, {
    default: 'optional',
    value: 'WORD',
    text: 'grants: required or optional',
  }),
  jwtBytes: about('auth', integer('N', 'longest token', 8192, 256, 16_384)),
  jwtKeysMaxAgeSeconds: about('auth', integer('N', 'age at which keys are read again', 600, 1)),
  jwtKeysCooldownSeconds: about('auth', integer('N', 'rest between readings of keys', 30, 1)),
  jwtKeysStaleSeconds: about('auth', integer('N', 'age at which keys are given up', 86_400, 1)),
}

/** Name of an option about JSON Web Tokens. */
export type JwtOptionName = keyof typeof jwtOptions
