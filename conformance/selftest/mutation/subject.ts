import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Repository root, seen from this file as source and as built. */
export const repositoryRoot = new URL(
  import.meta.url.includes('/dist/') ? '../../../../' : '../../../',
  import.meta.url,
).pathname

/**
 * Files of the server that are no protocol: command, options and what is chosen by them, log, metrics, listening, what embeds them, what counts
 * by network address, and what judges tokens, which are opaque to the protocol.
 */
const beside =
  /(\.test\.|\.support\.|^jwt\/|^address\/|\/option\.ts$|^ice\/choice\.ts$|^(main|option|option-field|option-source|hook-module|authenticator-choice|guarded-authenticator|log|journal|metrics|metrics-listener|version|clock|token-file|listener|http|turn|index|server)\.ts$)/

/** The server's protocol code, as paths from the repository root. */
export function protocolFiles(): readonly string[] {
  const folder = 'reference-server/src'
  const names = readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' })
  const own = names.filter((name) => name.endsWith('.ts') && !beside.test(name)).toSorted()
  return [...own.map((name) => `${folder}/${name}`), 'schemas/src/check-message.ts']
}
