import { expect, test } from 'vitest'
import { everywhereOf } from './reach.ts'

test('a place that no check is known to come to is shown to all, though one of them is new and may come anywhere', () => {
  const places = new Set(['loaded', 'known', 'unknown'])
  const placesOf = new Map<string, ReadonlySet<string>>([
    ['watch.online', new Set(['known'])],
    ['new here', places],
  ])
  expect([...everywhereOf(places, placesOf, new Set(['loaded']))]).toEqual(['loaded', 'unknown'])
})
