/** Keeps secrets out of everything that leaves the kit. */
export class Redactor {
  readonly #secrets = new Map<string, string>()

  /**
   * Registers a secret.
   *
   * @param label - What stands in its place, without brackets: `token`.
   */
  add(secret: string, label: string): void {
    if (secret.length >= 4) this.#secrets.set(secret, `‹${label}›`)
    // As it stands inside a JSON string, where that differs.
    const escaped = JSON.stringify(secret).slice(1, -1)
    if (escaped.length >= 4) this.#secrets.set(escaped, `‹${label}›`)
  }

  /** Replaces every secret that is known so far. */
  readonly redact = (text: string): string => {
    let clean = text
    for (const [secret, label] of this.#secrets) clean = clean.replaceAll(secret, label)
    return clean
  }
}
