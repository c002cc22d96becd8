/** Time as the server sees it; passed in, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Calls `task` once after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, task: () => void): () => void
  /** Calls `task` every `ms` milliseconds until the returned function is called. */
  every(ms: number, task: () => void): () => void
}

/** The clock of the operating system. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after(ms, task) {
    const timer = setTimeout(task, ms).unref()
    return () => {
      clearTimeout(timer)
    }
  },
  every(ms, task) {
    const timer = setInterval(task, ms).unref()
    return () => {
      clearInterval(timer)
    }
  },
}
