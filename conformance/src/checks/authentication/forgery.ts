import {
  constants,
  createHmac,
  generateKeyPair,
  sign,
  type KeyObject,
  type SignKeyObjectInput,
} from 'node:crypto'
import { promisify } from 'node:util'
import { objectIn, writePart, type JsonWebToken } from '../../target/json-web-token.ts'

/** A token that was never issued, and what was done to one that was, in words. */
export type Forgery = readonly [token: string, what: string]

const generate = promisify(generateKeyPair)

/** Curves of the algorithms on elliptic curves. */
const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

/** Bits that a key of RSA has at least: RFC 7518, 3.3. */
const modulusLength = 2048

/**
 * Tokens that anybody can make of a signed JSON Web Token without the key of its issuer. All but the first have its very claims, so that
 * their signature alone can be what is wrong.
 */
export async function forgeriesOf(token: JsonWebToken): Promise<Forgery[]> {
  const { header, claims, signature, fields } = token
  const bytes = Buffer.from(signature, 'base64url')
  const withHeader = (changes: Readonly<Record<string, unknown>>) => writePart({ ...fields, ...changes })
  const unsigned = (alg: string) => `${withHeader({ alg })}.${claims}.`
  const withEmptyKey = (changes: Readonly<Record<string, unknown>>) => {
    const text = `${withHeader({ alg: 'HS256', ...changes })}.${claims}`
    return `${text}.${createHmac('sha256', '').update(text).digest('base64url')}`
  }
  return [
    ...alteredOf(token),
    [`${header}.${claims}.`, 'without its signature'],
    // CVE-2022-21449: in many a library the numbers 0 and 0 were a signature of everything.
    [
      `${header}.${claims}.${Buffer.alloc(bytes.length).toString('base64url')}`,
      'whose signature is nothing but zeros',
    ],
    // RFC 8725, 2.1 and 3.1
    ...['none', 'None', 'NONE', 'nOnE'].map((alg): Forgery => [
      unsigned(alg),
      `with the algorithm "${alg}" and no signature`,
    ]),
    [`${unsigned('none')}${signature}`, 'with the algorithm "none" and the signature that it had'],
    [withEmptyKey({}), 'signed with HS256 and an empty key'],
    [
      withEmptyKey({ kid: '../../../../../../dev/null' }),
      'signed with an empty key, whose "kid" is the path of an empty file',
    ],
    [await withOwnKey(token), 'signed with a key that it brings itself in "jwk"'],
    [`${header}.${claims}.${signature}.${signature}`, 'with a fourth part'],
  ]
}

/** Those of them that were changed in one part after they were signed. */
export function alteredOf({ header, claims, signature, fields }: JsonWebToken): Forgery[] {
  const otherClaims = writePart({ ...objectIn(claims), 'com.example.altered': true })
  const otherHeader = writePart({ ...fields, 'com.example.altered': true })
  return [
    [`${header}.${otherClaims}.${signature}`, 'whose claims were changed after it was signed'],
    [
      `${header}.${claims}.${otherEnd(Buffer.from(signature, 'base64url'))}`,
      'whose signature ends otherwise than it should',
    ],
    [`${otherHeader}.${claims}.${signature}`, 'whose header was changed after it was signed'],
  ]
}

/** A signature with its last bytes changed: the last character alone may stand for no whole byte. */
function otherEnd(signature: Buffer): string {
  const from = Math.max(0, signature.length - 4)
  const other = signature.map((byte, index) => (index < from ? byte : byte ^ 0xff))
  return Buffer.from(other).toString('base64url')
}

/** RFC 8725, 3.10: a key in the header proves nothing. It is of the algorithm of the token, since a server may allow no other. */
async function withOwnKey({ claims, fields, algorithm }: JsonWebToken): Promise<string> {
  const { alg, jwk, signer } = await ownKey(algorithm)
  const { kid: _kid, ...others } = fields
  const text = `${writePart({ ...others, alg, jwk })}.${claims}`
  return `${text}.${signer(Buffer.from(text)).toString('base64url')}`
}

interface OwnKey {
  readonly alg: string
  readonly jwk: object
  readonly signer: (data: Buffer) => Buffer
}

async function ownKey(algorithm: string): Promise<OwnKey> {
  const hash = `sha${algorithm.slice(2)}`
  const namedCurve = curves[algorithm]
  if (namedCurve !== undefined) {
    const pair = await generate('ec', { namedCurve })
    return signing(algorithm, pair, hash, { dsaEncoding: 'ieee-p1363' })
  }
  if (/^[PR]S\d+$/.test(algorithm)) {
    const pair = await generate('rsa', { modulusLength })
    const padding = algorithm.startsWith('P') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
    return signing(algorithm, pair, hash, { padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })
  }
  if (/^HS\d+$/.test(algorithm)) {
    const key = Buffer.alloc(64, 'parley')
    const signer = (data: Buffer) => createHmac(hash, key).update(data).digest()
    return { alg: algorithm, jwk: { kty: 'oct', k: key.toString('base64url') }, signer }
  }
  return signing(algorithm === 'Ed25519' ? algorithm : 'EdDSA', await generate('ed25519'), undefined, {})
}

function signing(
  alg: string,
  { publicKey, privateKey }: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  hash: string | undefined,
  how: Omit<SignKeyObjectInput, 'key'>,
): OwnKey {
  const signer = (data: Buffer) => sign(hash, data, { key: privateKey, ...how })
  return { alg, jwk: publicKey.export({ format: 'jwk' }), signer }
}
