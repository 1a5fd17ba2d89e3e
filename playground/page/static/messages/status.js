// «Usher is thinking…»: what the app says it is doing, with its messages in turn.

import { h } from '../base/dom.js'
import { state } from '../base/state.js'

const TURN = 2500

/** The status line of a channel (thread null) or a thread, or null. */
export function statusLine(channel, thread) {
  return line(state.statuses.get(`${channel}/${thread ?? ''}`))
}

/** The same for a channel whose threads are closed but for `open`. */
export function statusAround(channel, open) {
  const others = [...state.statuses.values()].filter(
    (status) => status.channel === channel && (status.thread_ts ?? null) !== open,
  )
  return statusLine(channel, null) ?? line(others[0])
}

function line(status) {
  if (!status) return null
  const words = status.loading?.length
    ? status.loading[Math.floor(Date.now() / TURN) % status.loading.length]
    : status.text
  const said = status.loading?.length ? words : `${state.app.name} ${words}`
  return h(
    'span',
    { class: 'working' },
    h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')),
    said,
  )
}

/** Call `redraw` now and then while a status has messages to turn through. */
export function turnStatuses(redraw) {
  setInterval(() => {
    if ([...state.statuses.values()].some((status) => status.loading?.length > 1)) redraw()
  }, TURN)
}
