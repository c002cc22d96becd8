import { getProxyForUrl } from 'proxy-from-env'
import type { Proxy } from '../transport/transport.ts'
import { TargetOptionError } from './option-error.ts'
import { shownUrl } from './shown-url.ts'

/**
 * The proxy that the environment names for a target: `HTTPS_PROXY` for `wss:`, `HTTP_PROXY` for `ws:`, otherwise `ALL_PROXY`, in lower or
 * upper case; none where `NO_PROXY` lists the host.
 *
 * @throws {@link TargetOptionError} when it is no URL, or of another kind than `http:` and `https:`.
 */
export function proxyOf(target: URL): Proxy | undefined {
  const kind = target.protocol === 'wss:' ? 'https' : 'http'
  const names = [`${kind}_proxy`, `${kind}_proxy`.toUpperCase(), 'all_proxy', 'ALL_PROXY']
  const variable = names.find((name) => process.env[name])
  if (variable === undefined) return undefined
  // The library knows what NO_PROXY says; its proxies are those of https and http.
  if (getProxyForUrl(target.href.replace(/^ws/, 'http')) === '') return undefined
  const value = process.env[variable] ?? ''
  const url = parse(value.includes('://') ? value : `http://${value}`)
  // The value may hold a password, so it is not quoted.
  if (!url)
    throw new TargetOptionError(`Cannot use the proxy of ${variable}: it is no URL such as http://host:port`)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TargetOptionError(
      `Cannot use the proxy of ${variable}: the kit speaks with http: and https: proxies, not ${url.protocol}`,
    )
  }
  return { url, shown: shownUrl(new URL(url.origin)).replace(/\/$/, ''), variable }
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}
