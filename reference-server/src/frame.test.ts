import { expect, test } from 'vitest'
import { fromStamp, stampFrom } from './frame.ts'

const stamp = fromStamp('abcdefghijklmnop')

test.each([
  ['{"type":"offer","sdp":"{\\r\\n"}', '{"from":"abcdefghijklmnop","type":"offer","sdp":"{\\r\\n"}'],
  [' \r\n\t{ "a" : 9007199254740993 } \n', '{"from":"abcdefghijklmnop", "a" : 9007199254740993 } \n'],
])('stampFrom() leaves the bytes of %j as they are', (text, expected) => {
  expect(stampFrom(Buffer.from(text), stamp).toString()).toBe(expected)
})
