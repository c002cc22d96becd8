/** Receives one kind of event. */
export type Listener<Detail> = (detail: Detail) => void

/** Typed events of one object; listeners run synchronously, in the order in which they were added. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Type in keyof Events]?: Set<Listener<Events[Type]>> } = {}

  /**
   * Adds a listener.
   * @returns a function that removes it again
   */
  on<Type extends keyof Events>(type: Type, listener: Listener<Events[Type]>): () => void {
    const listeners = (this.#listeners[type] ??= new Set<Listener<Events[Type]>>())
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  /** Calls every listener of this type. */
  emit<Type extends keyof Events>(type: Type, detail: Events[Type]): void {
    for (const listener of [...(this.#listeners[type] ?? [])]) listener(detail)
  }
}
