import { expect, test } from 'vitest'
import { Bucket } from './rate.ts'

test('Bucket takes a burst at once, then asks for the time that the rate needs', () => {
  const bucket = new Bucket({ perSecond: 100, burst: 200 }, 0)
  for (let message = 0; message < 200; message += 1) expect(bucket.take(0)).toBe(0)
  expect(bucket.take(0)).toBe(10)
  expect(bucket.take(0)).toBe(20)
  expect(bucket.take(30)).toBe(0)
})

test('Bucket fills up to the burst and no further', () => {
  const bucket = new Bucket({ perSecond: 100, burst: 100 }, 0)
  for (let message = 0; message < 100; message += 1) bucket.take(0)
  for (let message = 0; message < 100; message += 1) expect(bucket.take(60_000)).toBe(0)
  expect(bucket.take(60_000)).toBe(10)
})

test('Bucket lets go of a debt', () => {
  const bucket = new Bucket({ perSecond: 1, burst: 100 }, 0)
  for (let message = 0; message < 500; message += 1) bucket.take(0)
  bucket.forgive()
  expect(bucket.take(0)).toBe(1000)
})

test('Bucket does not lose tokens to a clock that goes back', () => {
  const bucket = new Bucket({ perSecond: 100, burst: 100 }, 1000)
  expect(bucket.take(0)).toBe(0)
  expect(bucket.take(1000)).toBe(0)
})
