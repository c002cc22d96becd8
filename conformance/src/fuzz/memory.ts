/** What a server's memory was after so many frames. */
export interface MemorySample {
  readonly frames: number
  readonly bytes: number
}

/** How a server's memory grew over a run. */
export interface MemoryTrend {
  readonly samples: number
  /** Bytes that every frame added, by least squares over all samples but those of the beginning. */
  readonly bytesPerFrame: number
  /** Standard error of that. */
  readonly uncertainty: number
  /** Bytes at the first and the last of these samples. */
  readonly first: number
  readonly last: number
  readonly grows: boolean
}

/** Share of the samples that do not count: a server warms up, fills its caches, has its code compiled. */
const warmUpShare = 0.25

/** Fewest samples after that by which anything is said. */
const fewestSamples = 8

/**
 * Bytes a frame from which memory counts as growing. Whatever keeps something of every frame keeps more: an object of one member takes 16
 * bytes in V8, an entry of a map about 40. A server that keeps nothing shows less than 1 in a long run, and noise around zero in a short
 * one, which the standard error tells.
 */
const leakBytesPerFrame = 16

/** Standard errors by which a slope has to be above the bound. */
const sureTimes = 4

/** Bytes that have to have been added in all: less is what a caching allocator does. */
const leastGrowth = 512 * 1024

/** Says whether memory grows with the frames that were sent; `undefined` where there are too few samples to tell. */
export function memoryTrend(samples: readonly MemorySample[]): MemoryTrend | undefined {
  const counted = samples.slice(Math.ceil(samples.length * warmUpShare))
  const [first] = counted
  const last = counted.at(-1)
  if (counted.length < fewestSamples || !first || !last) return undefined
  const whole = slopeOf(counted)
  // What fills up and stays full grows in the first half alone.
  const half = slopeOf(counted.slice(Math.floor(counted.length / 2)))
  const isSure = ({ slope, error }: Slope) => slope - sureTimes * error > 0 && slope > leakBytesPerFrame
  return {
    samples: counted.length,
    bytesPerFrame: whole.slope,
    uncertainty: whole.error,
    first: first.bytes,
    last: last.bytes,
    grows:
      isSure(whole) &&
      half.slope > leakBytesPerFrame &&
      whole.slope * (last.frames - first.frames) > leastGrowth,
  }
}

interface Slope {
  readonly slope: number
  readonly error: number
}

/** Least squares. */
function slopeOf(samples: readonly MemorySample[]): Slope {
  const count = samples.length
  const meanFrames = samples.reduce((sum, { frames }) => sum + frames, 0) / count
  const meanBytes = samples.reduce((sum, { bytes }) => sum + bytes, 0) / count
  let spread = 0
  let together = 0
  for (const { frames, bytes } of samples) {
    spread += (frames - meanFrames) ** 2
    together += (frames - meanFrames) * (bytes - meanBytes)
  }
  if (spread === 0) return { slope: 0, error: Infinity }
  const slope = together / spread
  const rest = samples.reduce(
    (sum, { frames, bytes }) => sum + (bytes - meanBytes - slope * (frames - meanFrames)) ** 2,
    0,
  )
  return { slope, error: count > 2 ? Math.sqrt(rest / (count - 2) / spread) : Infinity }
}
