const minutes = 'It waits for more than a minute: it needs --exhaustive, and a run by hand.'

const almostHalfAMinute =
  'It waits until a call has been over for almost 30 s: it needs --exhaustive, and a run by hand.'

const jwt = 'It takes a JSON Web Token: that it passes is tested in jwt.test.ts.'

/** Checks that pass on none of the good servers that are judged side by side, by id, each with the reason. */
export const unpassed: Readonly<Record<string, string>> = {
  'connection.hello-wait': minutes,
  'connection.hello-wait:over': minutes,
  'connection.hello-timeout': minutes,
  'connection.hello-timeout:pings': minutes,
  'connection.hello-timeout:refused': minutes,
  'connection.idle-minimum': minutes,
  'connection.idle-minimum:pings': minutes,
  'connection.idle-timeout': minutes,
  'auth.wait': minutes,
  'auth.wait:over': minutes,
  'auth.timeout': minutes,
  'auth.failed:forged': jwt,
  'auth.failed:expired': jwt,
  'find.cursor:lasting': minutes,
  'ice.renewed:draining':
    'Credentials have to end while the server drains: that it passes is tested in drain.test.ts.',
  'resume.fatal:idle': minutes,
  'ring.reused:lasting': almostHalfAMinute,
  'ring.ended:lasting': almostHalfAMinute,
  'ring.timeout:longest': 'It waits out the longest time that a call rings: 10 s at least, 60 s by default.',
}
