import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as tls from 'node:tls'
import { TargetOptionError } from './option-error.ts'

/**
 * Trusts further certificate authorities, besides those that Node trusts.
 *
 * @param sources - Files in PEM, each with one certificate or more, or such a text itself.
 * @returns `undefined` where there is none: Node's own are enough then.
 * @throws {@link TargetOptionError} when a file cannot be read or holds no certificate.
 */
export async function trusting(sources: readonly string[]): Promise<tls.SecureContext | undefined> {
  if (sources.length === 0) return undefined
  const own = await Promise.all(sources.map(certificatesOf))
  // One context for all connections of a run: to read some 150 roots takes longer than a handshake.
  return tls.createSecureContext({ ca: [...(await usualAuthorities()), ...own.flat()] })
}

async function certificatesOf(source: string): Promise<string[]> {
  const isText = source.includes('-----BEGIN')
  const shown = isText ? 'the given text' : `"${source}"`
  const text = isText ? source : await read(source)
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []
  if (blocks.length === 0)
    throw new TargetOptionError(`Cannot trust the authority in ${shown}: it holds no certificate in PEM`)
  for (const [index, block] of blocks.entries()) {
    try {
      new X509Certificate(block)
    } catch (cause) {
      const which = `certificate ${String(index + 1)} of ${String(blocks.length)}`
      throw new TargetOptionError(`Cannot trust the authority in ${shown}: ${which} is damaged`, { cause })
    }
  }
  return blocks
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
    throw new TargetOptionError(`Cannot read the authority in "${path}": ${code}`, { cause })
  }
}

/** What Node trusts without options: a context with authorities of its own no longer looks there. */
async function usualAuthorities(): Promise<readonly string[]> {
  const { getCACertificates } = tls as { readonly getCACertificates?: (kind: 'default') => string[] }
  if (getCACertificates) return getCACertificates('default')
  // Before Node 22.15.
  const extra = process.env['NODE_EXTRA_CA_CERTS']
  return [...tls.rootCertificates, ...(extra ? await certificatesOf(extra) : [])]
}
