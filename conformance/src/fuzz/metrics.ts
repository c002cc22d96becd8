/** The page of metrics cannot be used; the message says why. */
export class MetricsError extends Error {
  override name = 'MetricsError'
}

/** Metrics that tell a server's memory, the one that tells most first: what the program itself holds, then all of the process. */
const memoryMetrics: readonly string[] = [
  'nodejs_heap_size_used_bytes',
  'go_memstats_heap_inuse_bytes',
  'jvm_memory_used_bytes',
  'process_resident_memory_bytes',
]

/** Milliseconds for a page of metrics. */
const timeoutMs = 5000

/**
 * Reads how much memory a server has in use from its page of metrics (Prometheus' text format).
 *
 * @throws {@link MetricsError}
 */
export async function memoryOf(url: URL): Promise<number> {
  let page: string
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    if (!response.ok) throw new MetricsError(`it answered with ${String(response.status)}`)
    page = await response.text()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MetricsError(`Cannot read the metrics of the server: ${why}`, { cause })
  }
  const bytes = memoryIn(page)
  if (bytes !== undefined) return bytes
  throw new MetricsError(
    `Cannot read the memory of the server: its metrics have none of ${memoryMetrics.join(', ')}`,
  )
}

/** The memory that a page of metrics tells: the sum over all labels of the first metric that it has. */
export function memoryIn(page: string): number | undefined {
  for (const name of memoryMetrics) {
    const values = page
      .split('\n')
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .map((line) => Number(/(?:\}|^\w+)\s+(\S+)/.exec(line)?.[1]))
      .filter((each) => Number.isFinite(each))
    if (values.length > 0) return values.reduce((sum, each) => sum + each, 0)
  }
  return undefined
}
