// Which messages a person has seen; kept in this browser.

const began = Date.now() / 1000
const memory = new Map() // person → {place: time}

function seenOf(person) {
  if (!memory.has(person)) memory.set(person, stored(person))
  return memory.get(person)
}

function stored(person) {
  try {
    return JSON.parse(localStorage.getItem(`seen/${person}`)) ?? {}
  } catch {
    return {}
  }
}

const place = (message) =>
  `${message.channel}/${message.thread_ts && message.thread_ts !== message.ts ? message.thread_ts : ''}`

/** Did it come after the person last looked there (or, never having looked, after this page was opened)? */
export function isNew(person, message) {
  return message.time > (seenOf(person)[place(message)] ?? began)
}

export function markSeen(person, messages) {
  const seen = seenOf(person)
  let changed = false
  for (const message of messages) {
    if (message.time <= (seen[place(message)] ?? 0)) continue
    seen[place(message)] = message.time
    changed = true
  }
  if (changed) localStorage.setItem(`seen/${person}`, JSON.stringify(seen))
}
