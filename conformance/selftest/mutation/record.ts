import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { keyOf, type CodeMutant } from './instrument.ts'
import { caughtFates, type Fate, type Judgement } from './judge.ts'
import { repositoryRoot } from './subject.ts'

const recordFile = join(repositoryRoot, 'node_modules/.cache/parley-mutation-record.json')

interface Entry {
  readonly fate: Fate
  readonly by?: string
  /** Digest of the mutated file, as it was. */
  readonly digest: string
}

/** What became of mutants in earlier runs on this machine. Never committed. */
export class JudgementRecord {
  readonly #entries: Map<string, Entry>
  readonly #digests = new Map<string, string>()

  constructor() {
    this.#entries = new Map(Object.entries(readEntries()))
  }

  /** The earlier judgement of a mutant that was caught while its file was what it is now. */
  caught(mutant: CodeMutant): Judgement | undefined {
    const judgement = this.known(mutant)
    return judgement !== undefined && caughtFates.has(judgement.fate) ? judgement : undefined
  }

  /** The earlier judgement of a mutant, made while its file was what it is now. */
  known(mutant: CodeMutant): Judgement | undefined {
    const entry = this.#entries.get(keyOf(mutant))
    if (entry === undefined || entry.digest !== this.#digestOf(mutant.file)) return undefined
    return { mutant, fate: entry.fate, ...(entry.by === undefined ? {} : { by: entry.by }) }
  }

  /** Keeps a judgement, on disk too. */
  add({ mutant, fate, by }: Judgement): void {
    const digest = this.#digestOf(mutant.file)
    this.#entries.set(keyOf(mutant), { fate, digest, ...(by === undefined ? {} : { by }) })
    mkdirSync(dirname(recordFile), { recursive: true })
    writeFileSync(recordFile, JSON.stringify(Object.fromEntries(this.#entries)))
  }

  #digestOf(file: string): string {
    const known = this.#digests.get(file)
    if (known !== undefined) return known
    const digest = createHash('sha256')
      .update(readFileSync(join(repositoryRoot, file)))
      .digest('hex')
    this.#digests.set(file, digest)
    return digest
  }
}

function readEntries(): Record<string, Entry> {
  try {
    return JSON.parse(readFileSync(recordFile, 'utf8')) as Record<string, Entry>
  } catch {
    // None yet, or cut off in the middle.
    return {}
  }
}
