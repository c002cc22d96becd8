import { encodedRuns, unescaped } from './spelling.ts'

/** Finds secrets of which there are many: the session secrets of a run, its fresh tokens. */
export interface SecretFinder {
  /** The secrets that a text holds as they are. */
  secretsIn(text: string): string[]
  /** Where a secret begins of which the end of a text holds only the first characters; `undefined` where there is none. */
  cutAtEnd(text: string): number | undefined
}

/** Secrets of which there are many, and what stands in the place of each; of one that was cut nobody knows which it is. */
export interface ManySecrets {
  readonly finder: SecretFinder
  readonly labelOf: (secret?: string) => string
}

/** A part of a text, and what stands in its place. */
interface Found {
  readonly begin: number
  readonly end: number
  readonly label: string
}

/** Shortest secret that is looked for: what is shorter turns up by chance. */
const shortest = 4

/** Characters of an encoding within an encoding that are looked at. */
const longestInside = 20_000

/** Escapes within escapes, and encodings within encodings, that are looked through. */
const layers = 3

/** Fewest characters of a secret that was cut. */
const fewestOfCut = 6

/** What the kit puts where it has cut something. */
const cutMark = '…'

/** Cuts in one text that are looked at: the kit itself makes one or two. */
const mostCuts = 100

/**
 * Keeps secrets out of everything that leaves the kit: as they are, in other cases, escaped (JSON, URL, HTML) and encoded (base64, base64url,
 * hexadecimal). It reads what it is given rather than to list what a secret may look like, so that its cost does not grow with them. What it
 * does not see: a secret in pieces, over several frames or members, and ciphers.
 */
export class Redactor {
  readonly #secrets = new Map<string, string>()
  readonly #many: readonly ManySecrets[]

  /** @param many - Secrets that become more while the run goes on. */
  constructor(many: readonly ManySecrets[] = []) {
    this.#many = many
  }

  /**
   * Registers a secret.
   *
   * @param label - What stands in its place, without brackets: `token`.
   */
  add(secret: string, label: string): void {
    if (secret.length >= shortest) this.#secrets.set(lowerCase(secret), label)
  }

  /** Replaces every secret that is known so far. */
  readonly redact = (text: string): string => {
    let clean = replaced(text, this.#find(text, layers))
    for (let layer = unescaped(clean), left = layers; layer && left > 0; left -= 1) {
      const { plain, places } = layer
      const found = this.#find(plain, layers).map(({ begin, end, label }) => ({
        begin: places[begin] ?? 0,
        end: places[end] ?? clean.length,
        label,
      }))
      if (found.length > 0) {
        clean = replaced(clean, found)
        layer = unescaped(clean)
      } else layer = unescaped(plain, places)
    }
    return clean
  }

  /** The same for an error, its stack, and what caused it. */
  redactError(error: unknown): void {
    for (let each = error, left = 10; each instanceof Error && left > 0; each = each.cause, left -= 1) {
      const { message, stack } = each
      each.message = this.redact(message)
      if (stack !== undefined) each.stack = this.redact(stack)
    }
  }

  /** The same for every text in a value of JSON. */
  redactValue<T>(value: T): T {
    return JSON.parse(this.redact(JSON.stringify(value))) as T
  }

  /** What was shortened may hold the beginning of a secret. */
  #findCut(text: string, lower: string, found: Found[]): void {
    let end = text.indexOf(cutMark)
    for (let cut = 0; end !== -1 && cut < mostCuts; cut += 1) {
      for (const [secret, label] of this.#secrets) {
        for (let length = Math.min(secret.length - 1, end); length >= fewestOfCut; length -= 1) {
          if (!lower.startsWith(secret.slice(0, length), end - length)) continue
          found.push({ begin: end - length, end, label })
          break
        }
      }
      for (const { finder, labelOf } of this.#many) {
        const begin = finder.cutAtEnd(text.slice(0, end))
        if (begin !== undefined) found.push({ begin, end, label: labelOf() })
      }
      end = text.indexOf(cutMark, end + 1)
    }
  }

  #find(text: string, depth: number): Found[] {
    const found: Found[] = []
    const lower = lowerCase(text)
    for (const [secret, label] of this.#secrets) addAll(found, lower, secret, label)
    for (const { finder, labelOf } of this.#many)
      for (const secret of finder.secretsIn(text)) addAll(found, text, secret, labelOf(secret))
    this.#findCut(text, lower, found)
    if (depth === 0 || (depth < layers && text.length > longestInside)) return found
    for (const { begin, end, texts } of encodedRuns(text)) {
      const mark = text.startsWith(cutMark, end) ? cutMark : ''
      const [inside] = texts.flatMap((decoded) => this.#find(`${decoded}${mark}`, depth - 1))
      if (inside) found.push({ begin, end, label: inside.label })
    }
    return found
  }
}

/** ASCII letters only: the length of a text stays as it is. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function addAll(found: Found[], text: string, secret: string, label: string): void {
  for (let begin = text.indexOf(secret); begin !== -1; begin = text.indexOf(secret, begin + secret.length))
    found.push({ begin, end: begin + secret.length, label })
}

/** Of parts that overlap the first goes, and with it all of the others: half a secret is one. */
function replaced(text: string, found: readonly Found[]): string {
  if (found.length === 0) return text
  let clean = ''
  let at = 0
  for (const { begin, end, label } of found.toSorted((a, b) => a.begin - b.begin || b.end - a.end)) {
    if (begin >= at) clean += `${text.slice(at, begin)}‹${label}›`
    at = Math.max(at, end)
  }
  return clean + text.slice(at)
}
