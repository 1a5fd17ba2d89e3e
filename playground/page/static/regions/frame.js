// The frame of the page: its regions, made once, and which of them can be reached on a phone.

import { Composer } from '../composing/composer.js'
import { h } from '../base/dom.js'
import { place } from '../base/place.js'
import { Timeline } from '../messages/timeline.js'

export const phone = matchMedia('(max-width: 760px)')

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

export const main = new Pane('composer')
export const side = new Pane('thread-composer')
export const parts = {
  sidebar: h('div', { class: 'sidebar', id: 'sidebar' }),
  veil: h('div', { class: 'veil', on: { click: () => showSide(false) } }),
  banner: h('div', { class: 'banner-place' }),
  home: h('div', { class: 'home-scroller', tabindex: '0', role: 'region', 'aria-label': 'Home' }),
  prompts: h('div', { class: 'prompts-place' }),
}
parts.main = h(
  'main',
  { class: 'conversation', tabindex: '-1' },
  main.header,
  parts.banner,
  parts.home,
  main.timeline.node,
  parts.prompts,
  main.status,
  main.composer.node,
)
parts.thread = h(
  'aside',
  { class: 'thread', 'aria-label': 'Thread' },
  side.header,
  side.timeline.node,
  side.status,
  side.composer.node,
)
export const frame = h('div', { class: 'frame' }, parts.sidebar, parts.veil, parts.main, parts.thread)

/** On a phone only one pane can be reached at a time. */
export function guard(here) {
  const open = frame.classList.contains('side-open')
  parts.sidebar.inert = phone.matches && !open
  parts.main.inert = phone.matches && (open || Boolean(here.thread))
  parts.thread.inert = phone.matches && open
}

/** Show or hide the sidebar where it lies over the page. */
export function showSide(open) {
  frame.classList.toggle('side-open', open)
  guard(place())
  if (open && phone.matches) parts.sidebar.querySelector('a')?.focus()
}
