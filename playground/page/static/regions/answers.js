// Opening by itself the thread in which the app answers.

import { frame, parts } from './frame.js'
import { go, place } from '../base/place.js'
import { state } from '../base/state.js'

let opened = null // the thread that opened by itself
let said = null // what the person wrote last, until they have seen its thread
let newest = 0 // when that was: a message is told again with each reply to it, and is no newer then

/** Did this thread open by itself? */
export const openedByItself = (thread) => thread !== null && thread === opened

/** The person has this thread before them: when they close it, it stays closed. */
export function arrivedAt(thread) {
  if (said?.ts === thread) said = null
}

/**
 * When the app answers in a thread what was just asked, that thread opens, unless another one is being written in or a
 * place is being chosen.
 */
export function openAnswer(change) {
  const here = place()
  const message = change.message
  if (message?.user === state.me && !message.thread_ts && Number(message.ts) > newest) {
    said = message
    newest = Number(message.ts)
  }
  const root = change.type === 'status' ? change.text && change.thread_ts : message?.by_app && message.thread_ts
  const asked =
    said &&
    root === said.ts &&
    here.channel === said.channel &&
    here.tab !== 'home' &&
    !frame.classList.contains('side-open') &&
    !parts.thread.contains(document.activeElement)
  if (!asked) return
  said = null
  go({ thread: (opened = root) })
}
