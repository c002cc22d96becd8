/** Shortest value of a query that is looked for in what a server sends: shorter ones turn up by chance. */
const shortestValue = 8

/** A target's URL for people: without a password, and without the values of its query, which may be keys. */
export function shownUrl(url: URL): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  const names = [...shown.searchParams.keys()]
  shown.search = ''
  shown.hash = ''
  const user = url.username !== '' || url.password !== '' ? '…@' : ''
  const query = names.map((name) => `${encodeURIComponent(name)}=…`).join('&')
  return `${shown.href.replace('//', `//${user}`)}${query === '' ? '' : `?${query}`}`
}

/** What a target's URL holds that may be secret, in each spelling that it has there. */
export function secretsOf(url: URL): string[] {
  const values = [...url.searchParams.values()].filter(({ length }) => length >= shortestValue)
  const secrets = [decoded(url.password), url.password, ...values, ...values.map(encodeURIComponent)]
  return [...new Set(secrets)].filter((secret) => secret !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
