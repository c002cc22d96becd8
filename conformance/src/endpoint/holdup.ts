/** Milliseconds between two looks at the clock. */
const periodMs = 50

/** Milliseconds by which a look may be late on a machine that has nothing else to do. */
const toleratedMs = 25

let looked = performance.now()
let heldUp = 0

/*
 * Looks at the clock all the time, and keeps nobody alive. What comes late shows how long this process did not get to run: a busy machine,
 * a stopped process, a laptop that slept.
 */
setInterval(look, periodMs).unref()

function look(): void {
  const now = performance.now()
  const late = now - looked - periodMs
  if (late > toleratedMs) heldUp += late
  looked = now
}

/**
 * For how long this process has been held up so far, in milliseconds; only differences mean something. What the kit could not read in such a
 * time, no server is to blame for.
 */
export function heldUpMs(): number {
  if (performance.now() - looked > periodMs + toleratedMs) look()
  return heldUp
}

/** A clock that stands while this process is held up, in milliseconds; only differences mean something. */
export function ownTime(): number {
  return performance.now() - heldUpMs()
}
