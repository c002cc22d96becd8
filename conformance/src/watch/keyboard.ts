import { never, type TriggerSource } from './trigger.ts'

/** Where keys or lines are read from: standard input. */
export interface Keyboard {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
  on(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown
  off(event: 'data', listener: (chunk: Uint8Array | string) => void): unknown
  resume(): unknown
  pause(): unknown
}

/** Ctrl-C and Ctrl-D, which a terminal in raw mode passes on as characters. */
const ends: ReadonlySet<string> = new Set(['q', 'Q', '\u0003', '\u0004'])

/**
 * Waits for a key: Enter asks for another run, `q` ends. On a terminal the key alone does it; elsewhere a line that is piped in. The end of
 * the input is no key: a program that was started without one is still restarted by its server.
 */
export function keyOf(keyboard: Keyboard): TriggerSource {
  return (signal) =>
    new Promise((resolve) => {
      const read = (chunk: Uint8Array | string) => {
        for (const key of Buffer.from(chunk).toString('utf8')) {
          if (ends.has(key)) resolve('end')
          if (key === '\r' || key === '\n') resolve('asked')
        }
      }
      const leave = () => {
        keyboard.off('data', read)
        if (keyboard.isTTY) keyboard.setRawMode?.(false)
        keyboard.pause()
        resolve(never)
      }
      signal.addEventListener('abort', leave, { once: true })
      keyboard.on('data', read)
      if (keyboard.isTTY) keyboard.setRawMode?.(true)
      keyboard.resume()
    })
}
