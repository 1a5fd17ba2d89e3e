// Opening by itself the thread in which the app answers.

import { parts } from './frame.js'
import { go, place } from '../base/place.js'
import { state } from '../base/state.js'

let opened = null // the thread that opened by itself
let said = null // what the person wrote last

/** Did this thread open by itself? */
export const openedByItself = (thread) => thread !== null && thread === opened

/** When the app answers in a thread what was just asked, that thread opens, unless another one is being written in. */
export function openAnswer(change) {
  const here = place()
  const message = change.message
  if (message?.user === state.me && !message.thread_ts) said = message
  const root = change.type === 'status' ? change.text && change.thread_ts : message?.by_app && message.thread_ts
  const asked =
    said &&
    root === said.ts &&
    here.channel === said.channel &&
    here.tab !== 'home' &&
    !parts.thread.contains(document.activeElement)
  if (!asked) return
  said = null
  go({ thread: (opened = root) })
}
