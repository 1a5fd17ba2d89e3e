// The page: puts its regions together, follows the workspace and draws what changed.

import { perform } from './acts.js'
import { Composer, promptButtons } from './composer.js'
import { banner, beginning, header, homeTab, titleOf } from './conversation.js'
import { fill, h, icon } from './dom.js'
import { drawModal, mountModal } from './modal.js'
import { go, onPlace, place } from './place.js'
import { remark } from './remarks.js'
import { sidebar } from './sidebar.js'
import { apply, channelOf, home, look, roots, state, thread, threads, unread } from './state.js'
import { statusAround, statusLine, turnStatuses } from './status.js'
import { Timeline } from './timeline.js'
import { follow } from './transport.js'

const FIRST = 'U0OWNER'
const phone = matchMedia('(max-width: 760px)')

class Pane {
  constructor(name) {
    this.header = h('header', { class: 'bar' })
    this.timeline = new Timeline()
    this.status = h('div', { class: 'status', 'aria-live': 'polite' })
    this.composer = new Composer(name)
    this.composer.sent = () => this.timeline.toEnd()
    this.firstNew = null
  }
}

const main = new Pane('composer')
const side = new Pane('thread-composer')
const parts = {
  sidebar: h('div', { class: 'sidebar', id: 'sidebar' }),
  veil: h('div', { class: 'veil', on: { click: () => showSide(false) } }),
  banner: h('div', { class: 'banner-place' }),
  home: h('div', { class: 'home-scroller', tabindex: '0', role: 'region', 'aria-label': 'Home' }),
  prompts: h('div', { class: 'prompts-place' }),
}
parts.main = h('main', { class: 'conversation', tabindex: '-1' }, main.header, parts.banner, parts.home, main.timeline.node, parts.prompts, main.status, main.composer.node)
parts.thread = h('aside', { class: 'thread', 'aria-label': 'Thread' }, side.header, side.timeline.node, side.status, side.composer.node)
const frame = h('div', { class: 'frame' }, parts.sidebar, parts.veil, parts.main, parts.thread)

let drawing = false
let shown = '' // the place that was drawn last
let opened = null // the thread that opened by itself
let said = null // what the person wrote last, to open the thread in which it is answered

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
  drawMain(channel, here)
  drawThread(channel, here)
  fill(parts.sidebar, sidebar(here))
  fill(parts.banner, [banner()].filter(Boolean))
  drawModal()
  guard(here)
  if (moved) (here.thread ? side : main).composer.focus()
  const count = state.channels.reduce((sum, one) => sum + unread(one.id).length, 0)
  document.title = `${count ? `(${count}) ` : ''}${titleOf(channel)} · Local workspace`
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
  main.firstNew = firstUnread(here.channel, (message) => !message.thread_ts || message.thread_ts === message.ts)
  // A thread that opened by itself shows nothing that had been missed.
  side.firstNew = here.thread === opened ? null : firstUnread(here.channel, (message) => message.thread_ts === here.thread && message.ts !== here.thread)
  if (channelOf(here.channel)?.with !== state.app.user || here.thread) return
  perform({ do: here.tab === 'home' ? 'open_home' : 'open_dm' }, { quiet: true })
}

function firstUnread(channel, belongs) {
  return unread(channel).filter(belongs).sort((one, other) => one.time - other.time)[0]?.ts ?? null
}

function drawMain(channel, here) {
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
  main.timeline.draw(`${state.me}/${channel.id}`, messages, { label: `Messages in ${title}`, start: beginning(channel), firstNew: main.firstNew, inThread: false, threads: threads(channel.id), dismiss })
  main.composer.aim(channel.id, null, `Message ${title}`)
}

function drawThread(channel, here) {
  parts.thread.hidden = !here.thread
  frame.classList.toggle('with-thread', Boolean(here.thread))
  if (!here.thread) return
  const messages = thread(channel.id, here.thread)
  const closing = h('button', { type: 'button', class: 'tool', 'aria-label': 'Close the thread', on: { click: () => go({ thread: null }) } }, icon(phone.matches ? 'back' : 'close'))
  const heading = h('div', { class: 'thread-heading' }, h('h2', {}, 'Thread'), h('span', { class: 'topic' }, titleOf(channel)))
  fill(side.header, phone.matches ? [closing, heading] : [heading, closing])
  const start = h('div', { class: 'thread-start', 'data-key': 'start' })
  side.timeline.draw(`${state.me}/${channel.id}/${here.thread}`, messages, { label: 'Messages in this thread', start, firstNew: side.firstNew, inThread: true, dismiss })
  fill(side.status, [statusLine(channel.id, here.thread)].filter(Boolean))
  side.composer.aim(channel.id, here.thread, 'Reply…')
}

function dismiss(message) {
  apply({ type: 'deleted', channel: message.channel, ts: message.ts })
  redraw()
}

/** On a phone only one pane can be reached at a time. */
function guard(here) {
  const open = frame.classList.contains('side-open')
  parts.sidebar.inert = phone.matches && !open
  parts.main.inert = phone.matches && (open || Boolean(here.thread))
  parts.thread.inert = phone.matches && open
}

function showSide(open) {
  frame.classList.toggle('side-open', open)
  guard(place())
  if (open && phone.matches) parts.sidebar.querySelector('a')?.focus()
}

/** When the app answers in a thread what was just asked, that thread opens, unless another one is being written in. */
function openAnswer(change) {
  const here = place()
  const message = change.message
  if (message?.user === state.me && !message.thread_ts) said = message
  const root = change.type === 'status' ? change.text && change.thread_ts : message?.by_app && message.thread_ts
  const asked = said && root === said.ts && here.channel === said.channel && here.tab !== 'home' && !parts.thread.contains(document.activeElement)
  if (!asked) return
  said = null
  go({ thread: (opened = root) })
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
  follow(me ?? FIRST, onChange, (linked) => {
    state.linked = linked
    redraw()
  })
}

addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || event.defaultPrevented || document.querySelector('dialog[open], [popover]:popover-open')) return
  if (frame.classList.contains('side-open')) showSide(false)
  else if (place().thread) go({ thread: null })
})
document.addEventListener('visibilitychange', redraw)
phone.addEventListener('change', redraw)
document.body.replaceChildren(h('a', { class: 'skip', href: '#composer', on: { click: (event) => (event.preventDefault(), document.getElementById('composer').focus()) } }, 'Skip to writing'), frame)
mountModal(redraw)
onPlace(followPerson)
turnStatuses(redraw)
followPerson()
