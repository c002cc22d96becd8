import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('Turns lets what is ahead go before what waits, each in the order of asking', async () => {
  const turns = new Turns(1)
  const order: string[] = []
  const ask = (name: string, ahead?: boolean) =>
    turns.do(() => {
      order.push(name)
      return Promise.resolve()
    }, ahead)
  await Promise.all([ask('first'), ask('a'), ask('b'), ask('c', true), ask('d', true)])
  expect(order).toEqual(['first', 'c', 'd', 'a', 'b'])
})
