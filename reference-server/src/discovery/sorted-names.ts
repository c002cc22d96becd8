/** Names in one piece of the list: so long that few pieces are looked through, so short that one is quick to change. */
const pieceLength = 512

/** A set of names in the order of their characters: adding, removing and finding a place cost little however many there are. */
export class SortedNames {
  /** Never empty, each in order, and all of one before all of the next. */
  readonly #pieces: string[][] = []
  #size = 0

  /** Names that are in it. */
  get size(): number {
    return this.#size
  }

  add(name: string): void {
    const [index, place, found] = this.#find(name)
    if (found) return
    this.#size += 1
    const piece = this.#pieces[index] ?? this.#pieces.at(-1)
    if (piece === undefined) {
      this.#pieces.push([name])
      return
    }
    const at = this.#pieces[index] === undefined ? piece.length : place
    piece.splice(at, 0, name)
    if (piece.length > 2 * pieceLength)
      this.#pieces.splice(this.#pieces.indexOf(piece) + 1, 0, piece.splice(pieceLength))
  }

  delete(name: string): void {
    const [index, place, found] = this.#find(name)
    const piece = this.#pieces[index]
    if (!found || piece === undefined) return
    this.#size -= 1
    piece.splice(place, 1)
    if (piece.length === 0) this.#pieces.splice(index, 1)
  }

  /**
   * The first names with a prefix.
   *
   * @param after - Only names above this one.
   * @param most - How many at most.
   */
  from(prefix: string, after: string | undefined, most: number): readonly string[] {
    const names: string[] = []
    const start = after !== undefined && after >= prefix ? after : prefix
    const [first, place] = this.#find(start)
    for (let index = first; index < this.#pieces.length; index += 1) {
      const piece = this.#pieces[index] ?? []
      for (let at = index === first ? place : 0; at < piece.length; at += 1) {
        const name = piece[at] ?? ''
        if (name === after) continue
        if (names.length >= most || !name.startsWith(prefix)) return names
        names.push(name)
      }
    }
    return names
  }

  /** The piece and the place in it where a name stands or would stand. */
  #find(name: string): readonly [index: number, place: number, found: boolean] {
    const index = firstWhere(this.#pieces.length, (each) => (this.#pieces[each]?.at(-1) ?? '') >= name)
    const piece = this.#pieces[index] ?? []
    const place = firstWhere(piece.length, (each) => (piece[each] ?? '') >= name)
    return [index, place, piece[place] === name]
  }
}

/** The first of so many numbers for which something holds that holds for all after it. */
function firstWhere(count: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, count]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) high = middle
    else low = middle + 1
  }
  return low
}
