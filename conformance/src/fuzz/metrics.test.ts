import { describe, expect, test } from 'vitest'
import { memoryIn, memoryOf } from './metrics.ts'

const page = `# HELP process_resident_memory_bytes Resident memory size in bytes.
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes 8.1e+07
other_process_resident_memory_bytes 5
`

describe('memoryIn()', () => {
  test('reads the resident memory', () => {
    expect(memoryIn(page)).toBe(81_000_000)
  })

  test('prefers what the program itself holds, over all labels', () => {
    expect(
      memoryIn(
        `${page}jvm_memory_used_bytes{area="heap",id="a b"} 10\njvm_memory_used_bytes{area="nonheap"} 5 1700000000\n`,
      ),
    ).toBe(15)
  })

  test('finds nothing where there is nothing', () => {
    expect(memoryIn('process_resident_memory_bytes NaN\nup 1\n')).toBeUndefined()
  })
})

test('memoryOf() says why a page cannot be read', async () => {
  await expect(memoryOf(new URL('http://127.0.0.1:1/metrics'))).rejects.toThrow(
    /^Cannot read the metrics of the server/,
  )
})
