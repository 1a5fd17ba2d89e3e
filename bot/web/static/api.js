// Asking the server, with failures as values: what went wrong, in words, and when to try again.

import { say } from './words.js'

export async function post(path, body = {}) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json' }
  return answer(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

export function get(path, signal) {
  return answer(path, { headers: { Accept: 'application/json' }, signal })
}

async function answer(path, options) {
  let response
  try {
    response = await fetch(path, { ...options, cache: 'no-store' })
  } catch {
    return { ok: false, status: 0, body: { code: 'offline', text: say('offline') } }
  }
  const body = await response.json().catch(() => ({}))
  return { ok: response.ok, status: response.status, body }
}

/** Random, so that the same message sent twice is taken once. */
export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), each => each.toString(16).padStart(2, '0')).join('')
}
