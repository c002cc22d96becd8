/** Why a server is tested again, or the watching ends. */
export type Trigger = 'restarted' | 'asked' | 'changed' | 'end'

/** Waits for one kind of trigger until the signal says that it is not needed any more; it may wait for ever. */
export type TriggerSource = (signal: AbortSignal) => Promise<Trigger>

/** Waits for the first trigger of any source; the others are told to leave. */
export async function nextTrigger(
  sources: readonly TriggerSource[],
  signal: AbortSignal | undefined,
): Promise<Trigger> {
  const over = new AbortController()
  const ended = new Promise<Trigger>((resolve) => {
    const end = () => {
      resolve('end')
    }
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end, { signal: over.signal })
  })
  try {
    return await Promise.race([ended, ...sources.map((source) => source(over.signal))])
  } finally {
    over.abort()
  }
}

/** What a source waits for once it is not needed any more. */
export const never = new Promise<never>(() => undefined)
