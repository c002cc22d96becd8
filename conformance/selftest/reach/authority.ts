import { randomUUID } from 'node:crypto'
import { generate } from 'selfsigned'

/** A certificate with its key, both in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A certificate authority of a test's own. */
export interface Authority {
  /** Its certificate, in PEM: what a client has to trust. */
  readonly cert: string
  /**
   * Makes a certificate.
   *
   * @param days - First and last day from now; by default it is valid.
   */
  certify(host: string, days?: readonly [from: number, to: number]): Promise<Certificate>
}

const dayMs = 86_400_000

/** Makes a certificate authority that nobody trusts yet. */
export async function makeAuthority(): Promise<Authority> {
  // A name of its own: of two with one name OpenSSL may try the wrong one.
  const name = `Authority ${randomUUID()}`
  const own = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return {
    cert: own.cert,
    certify: async (host, [from, to] = [-1, 30]) => {
      const now = Date.now()
      const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
        ca: { key: own.private, cert: own.cert },
        keyType: 'ec',
        algorithm: 'sha256',
        notBeforeDate: new Date(now + from * dayMs),
        notAfterDate: new Date(now + to * dayMs),
        extensions: [
          { name: 'basicConstraints', cA: false },
          {
            name: 'subjectAltName',
            altNames: [/^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host }],
          },
        ],
      })
      return { cert, key }
    },
  }
}
