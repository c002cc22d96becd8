/** How many of a queue are worked on at a time. */
export interface Lanes {
  readonly width: number
  /** To how many lanes the work may grow while nothing comes to an end; not below `width`. */
  readonly most: number
  /** Milliseconds without an end after which one more lane opens. */
  readonly stalledMs: number
  /** Asked before one more lane opens; without it, nothing speaks against that. */
  readonly mayOpen?: () => boolean
}

/**
 * Works through a queue, several items at a time. Where nothing ends for a while, everybody waits for answers, and one more lane costs
 * nobody anything: so a server that answers each message seconds late does not make a run of minutes one of hours.
 *
 * @returns When every item is done; rejects as soon as one does, and takes no further item then.
 */
export async function inLanes<T>(
  items: readonly T[],
  { width, most, stalledMs, mayOpen = () => true }: Lanes,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items]
  const lanes: Promise<void>[] = []
  let stalled: NodeJS.Timeout | undefined
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await work(item)
      watch()
    }
  }
  const watch = () => {
    clearTimeout(stalled)
    if (queue.length === 0 || lanes.length >= most) return
    stalled = setTimeout(() => {
      if (mayOpen()) lanes.push(lane())
      watch()
    }, stalledMs)
  }
  while (lanes.length < Math.min(width, items.length)) lanes.push(lane())
  watch()
  try {
    // Further lanes may open while the first are waited for.
    for (let seen = 0; seen < lanes.length;) {
      seen = lanes.length
      await Promise.all(lanes)
    }
  } finally {
    clearTimeout(stalled)
    queue.length = 0
  }
}
