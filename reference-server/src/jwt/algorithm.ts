import { Type, type Static } from '@sinclair/typebox'

/** Signature algorithms of RFC 7518, RFC 8037 and RFC 9864 that can be allowed; `none` is not among them. */
export const JwtAlgorithm = Type.Union([
  Type.Literal('HS256'),
  Type.Literal('HS384'),
  Type.Literal('HS512'),
  Type.Literal('RS256'),
  Type.Literal('RS384'),
  Type.Literal('RS512'),
  Type.Literal('PS256'),
  Type.Literal('PS384'),
  Type.Literal('PS512'),
  Type.Literal('ES256'),
  Type.Literal('ES384'),
  Type.Literal('ES512'),
  Type.Literal('EdDSA'),
  Type.Literal('Ed25519'),
])
/** A signature algorithm. */
export type JwtAlgorithm = Static<typeof JwtAlgorithm>

/** Bytes that the secret of an algorithm has at least, as many as its hash: RFC 7518, 3.2. */
export const secretBytes: Readonly<Partial<Record<JwtAlgorithm, number>>> = {
  HS256: 32,
  HS384: 48,
  HS512: 64,
}

/** What is allowed where nothing is said. */
export const defaultAlgorithms: Readonly<Record<'secret' | 'public', readonly JwtAlgorithm[]>> = {
  secret: ['HS256'],
  public: ['RS256', 'ES256', 'EdDSA', 'Ed25519'],
}
