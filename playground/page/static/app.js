// The page: puts its regions together, follows the workspace and draws what changed.

import { perform } from './base/acts.js'
import { arrivedAt, openAnswer, openedByItself } from './regions/answers.js'
import { banner, titleOf } from './regions/conversation.js'
import { fill, h } from './base/dom.js'
import { frame, guard, main, parts, phone, showSide, side } from './regions/frame.js'
import { drawModal, mountModal } from './regions/modal.js'
import { drawMain, drawThread } from './regions/panes.js'
import { go, onPlace, place } from './base/place.js'
import { remark } from './base/remarks.js'
import { sidebar } from './regions/sidebar.js'
import { apply, channelOf, home, isReply, look, roots, state, thread, unread } from './base/state.js'
import { turnStatuses } from './messages/status.js'
import { follow, signedIn } from './base/transport.js'

const FIRST = 'U0OWNER'
let drawing = false
let shown = '' // the place that was drawn last

function redraw() {
  if (drawing) return
  drawing = true
  const draw = () => {
    drawing = false
    drawPage()
  }
  if (document.hidden) setTimeout(draw, 50)
  else requestAnimationFrame(draw)
}

function drawPage() {
  if (!state.ready) return
  const here = settled()
  const channel = channelOf(here.channel)
  const moved = shown !== location.hash
  shown = location.hash
  if (moved) arrive(here)
  if (!document.hidden) look(inSight(here))
  drawMain(channel, here, dismiss)
  drawThread(channel, here, dismiss)
  fill(parts.sidebar, sidebar(here))
  fill(parts.banner, [banner()].filter(Boolean))
  drawModal()
  guard(here)
  if (moved) (here.thread ? side : main).composer.focus()
  const count = state.channels.reduce((sum, one) => sum + unread(one.id).length, 0)
  document.title = `${count ? `(${count}) ` : ''}${titleOf(channel)} · ${state.workspace.name}`
}

/** The messages that the person has before them. */
function inSight(here) {
  const open = here.thread ? thread(here.channel, here.thread) : []
  return here.tab === 'home' ? [] : [...roots(here.channel), ...open]
}

/** The place in the address, with what is missing or unknown put right. */
function settled() {
  const here = place()
  if (here.me !== state.me || !channelOf(here.channel)) {
    go({ me: state.me, channel: (home() ?? state.channels[0]).id }, { replace: true })
    return place()
  }
  return here
}

function arrive(here) {
  showSide(false)
  arrivedAt(here.thread)
  main.firstNew = firstUnread(here.channel, (message) => !isReply(message))
  // A thread that opened by itself shows nothing that had been missed.
  side.firstNew = openedByItself(here.thread)
    ? null
    : firstUnread(here.channel, (message) => isReply(message) && message.thread_ts === here.thread)
  if (channelOf(here.channel)?.with !== state.app.user || here.thread) return
  perform({ do: here.tab === 'home' ? 'open_home' : 'open_dm' }, { quiet: true })
}

function firstUnread(channel, belongs) {
  return (
    unread(channel)
      .filter(belongs)
      .sort((one, other) => one.time - other.time)[0]?.ts ?? null
  )
}

function dismiss(message) {
  apply({ type: 'deleted', channel: message.channel, ts: message.ts })
  redraw()
}

function onChange(change) {
  apply(change)
  if (change.type === 'trouble') remark(change.text)
  if (change.type === 'message' || change.type === 'status') openAnswer(change)
  redraw()
}

function followPerson() {
  const { me } = place()
  if (me && me === state.me) return redraw()
  state.ready = false
  follow(me ?? FIRST, onChange, onLink)
}

function onLink(linked) {
  state.linked = linked !== 'no'
  if (linked === 'refused') refused()
  redraw()
}

/** The workspace was begun anew, so its address is another: the page says so. Or nobody of that name is here. */
async function refused() {
  if (!(await signedIn())) location.reload()
  else if (place().me !== FIRST) go({ me: FIRST, channel: null }, { replace: true })
}

function skip() {
  const write = (event) => {
    event.preventDefault()
    document.getElementById('composer').focus()
  }
  return h('a', { class: 'skip', href: '#composer', on: { click: write } }, 'Skip to writing')
}

addEventListener('keydown', (event) => {
  const covered = document.querySelector('dialog[open], [popover]:popover-open')
  if (event.key !== 'Escape' || event.defaultPrevented || covered) return
  if (frame.classList.contains('side-open')) showSide(false)
  else if (place().thread) go({ thread: null })
})
document.addEventListener('visibilitychange', redraw)
phone.addEventListener('change', redraw)
document.body.replaceChildren(skip(), frame)
mountModal(redraw)
onPlace(followPerson)
turnStatuses(redraw)
followPerson()
