/** A signed JSON Web Token in its three parts, as they are written, and what stands in its header. */
export interface JsonWebToken {
  readonly header: string
  readonly claims: string
  readonly signature: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly algorithm: string
}

const compact = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/

/** Reads a token as a signed JSON Web Token (RFC 7519, RFC 7515); `undefined` where it is none. */
export function readJsonWebToken(token: string): JsonWebToken | undefined {
  const [, header = '', claims = '', signature = ''] = compact.exec(token) ?? []
  const fields = objectIn(header)
  const algorithm = fields?.['alg']
  if (fields === undefined || typeof algorithm !== 'string' || objectIn(claims) === undefined)
    return undefined
  return { header, claims, signature, fields, algorithm }
}

/** When a JSON Web Token ends by its own account, in seconds since the epoch. */
export function expiryOf(token: string): number | undefined {
  const exp = objectIn(readJsonWebToken(token)?.claims ?? '')?.['exp']
  return typeof exp === 'number' ? exp : undefined
}

/** Whether a JSON Web Token has ended. */
export function hasRunOut(token: string): boolean {
  return (expiryOf(token) ?? Infinity) * 1000 <= Date.now()
}

/** Writes an object as a part of a JSON Web Token. */
export function writePart(fields: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(fields)).toString('base64url')
}

/** The object that a part of a JSON Web Token holds. */
export function objectIn(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
