// A list of messages that stays where the reader is, and follows new ones when the reader is at the end.

import { fill, h, icon } from '../base/dom.js'
import { messageNode } from './message.js'
import { dayOf } from '../text/texts.js'

const NEAR = 80 // pixels from the end that still count as «at the end»
const TOGETHER = 300 // seconds within which messages of one person are drawn as one
const pointing = matchMedia('(hover: hover)') // without, each message needs room for its tools

export class Timeline {
  #list = h('div', { class: 'list', role: 'log' })
  #scroller = h('div', { class: 'scroller', tabindex: '0', role: 'region' }, this.#list)
  #jump = h(
    'button',
    { type: 'button', class: 'jump', hidden: true, on: { click: () => this.toEnd() } },
    icon('down'),
    'Newest messages',
  )
  #drawn = new WeakMap() // node → what it was drawn from
  #following = true
  #place = null

  constructor() {
    this.node = h('div', { class: 'timeline-frame' }, this.#scroller, this.#jump)
    this.#scroller.addEventListener('scroll', () => this.#noticeScroll())
    this.#scroller.addEventListener('load', () => this.#settle(), true)
    new ResizeObserver(() => this.#settle()).observe(this.#scroller)
  }

  /** Draw `messages` of a place; `start` stands above them, `firstNew` is the ts to draw the «New» line before. */
  draw(place, messages, { label, start, firstNew, inThread, threads, dismiss }) {
    if (place !== this.#place) this.#following = true
    this.#place = place
    this.#scroller.setAttribute('aria-label', label)
    this.#list.setAttribute('aria-label', label)
    const living = new Map([...this.#list.children].map((node) => [node.dataset.key, node]))
    const entries = [{ node: start }, ...arranged(messages, firstNew)]
    const sources = entries.map(({ message, compact }) => [
      message,
      compact,
      inThread,
      JSON.stringify(threads?.get(message?.ts) ?? null),
    ])
    const wanted = entries.map((entry, index) => {
      if (!entry.message) return entry.node
      const old = living.get(entry.message.ts)
      if (old && same(this.#drawn.get(old), sources[index])) return old
      return messageNode(entry.message, {
        compact: entry.compact,
        inThread,
        replies: threads?.get(entry.message.ts),
        dismiss,
      })
    })
    fill(this.#list, wanted)
    ;[...this.#list.children].forEach((node, index) => this.#drawn.set(node, sources[index]))
    this.#settle()
  }

  toEnd() {
    this.#following = true
    this.#settle()
  }

  #settle() {
    if (this.#following) this.#scroller.scrollTop = this.#scroller.scrollHeight
    this.#noticeScroll()
  }

  #noticeScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller
    this.#following = scrollHeight - scrollTop - clientHeight < NEAR
    this.#jump.hidden = this.#following
  }
}

function same(one, other) {
  return one?.every((value, index) => value === other[index])
}

function arranged(messages, firstNew) {
  const entries = []
  let last = null
  for (const message of messages) {
    const day = dayOf(message.ts)
    const fresh = message.ts === firstNew
    if (!last || dayOf(last.ts) !== day) entries.push({ node: line('day', day) })
    if (fresh) entries.push({ node: line('new', 'New') })
    entries.push({ message, compact: !fresh && goesOn(last, message) })
    last = message
  }
  return entries
}

function line(kind, text) {
  return h(
    'div',
    { class: `line ${kind}`, role: 'separator', 'aria-label': text, 'data-key': `${kind}-${text}` },
    h('span', {}, text),
  )
}

function goesOn(last, message) {
  if (
    !last ||
    !pointing.matches ||
    last.user !== message.user ||
    last.ephemeral ||
    message.ephemeral ||
    last.reply_count
  )
    return false
  return message.time - last.time < TOGETHER && dayOf(last.ts) === dayOf(message.ts)
}
