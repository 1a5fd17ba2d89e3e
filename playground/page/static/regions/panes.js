// What stands in the two panes: a place and, beside it, one of its threads.

import { promptButtons } from '../composing/composer.js'
import { beginning, header, homeTab, titleOf } from './conversation.js'
import { fill, h, icon } from '../base/dom.js'
import { frame, main, parts, phone, showSide, side } from './frame.js'
import { go } from '../base/place.js'
import { roots, state, thread, threads } from '../base/state.js'
import { statusAround, statusLine } from '../messages/status.js'

/** Draw a channel, the DM with the app, or its home. */
export function drawMain(channel, here, dismiss) {
  const atHome = here.tab === 'home'
  fill(main.header, header(channel, here, () => showSide(true)).filter(Boolean))
  parts.home.hidden = !atHome
  main.timeline.node.hidden = main.composer.node.hidden = atHome
  fill(parts.home, atHome ? [homeTab()] : [])
  fill(parts.prompts, [!atHome && promptButtons(channel.id)].filter(Boolean))
  fill(main.status, [!atHome && statusAround(channel.id, here.thread)].filter(Boolean))
  if (atHome) return
  const messages = roots(channel.id)
  const title = channel.kind === 'channel' ? `#${channel.name}` : titleOf(channel)
  main.timeline.draw(`${state.me}/${channel.id}`, messages, {
    label: `Messages in ${title}`,
    start: beginning(channel),
    firstNew: main.firstNew,
    inThread: false,
    threads: threads(channel.id),
    dismiss,
  })
  main.composer.aim(channel.id, null, `Message ${title}`)
}

/** Draw the thread that is open, if one is. */
export function drawThread(channel, here, dismiss) {
  parts.thread.hidden = !here.thread
  frame.classList.toggle('with-thread', Boolean(here.thread))
  if (!here.thread) return
  const messages = thread(channel.id, here.thread)
  const closing = h(
    'button',
    { type: 'button', class: 'tool', 'aria-label': 'Close the thread', on: { click: () => go({ thread: null }) } },
    icon(phone.matches ? 'back' : 'close'),
  )
  const heading = h(
    'div',
    { class: 'thread-heading' },
    h('h2', {}, 'Thread'),
    h('span', { class: 'topic' }, titleOf(channel)),
  )
  fill(side.header, phone.matches ? [closing, heading] : [heading, closing])
  const start = h('div', { class: 'thread-start', 'data-key': 'start' })
  side.timeline.draw(`${state.me}/${channel.id}/${here.thread}`, messages, {
    label: 'Messages in this thread',
    start,
    firstNew: side.firstNew,
    inThread: true,
    dismiss,
  })
  fill(side.status, [statusLine(channel.id, here.thread)].filter(Boolean))
  side.composer.aim(channel.id, here.thread, 'Reply…')
}
