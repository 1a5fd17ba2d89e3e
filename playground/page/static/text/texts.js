// Slack's text objects, times and sizes, as people read them.

import { daysFromNow } from './dates.js'
import { h } from '../base/dom.js'
import { withEmoji } from '../base/emoji.js'
import { mrkdwn } from './mrkdwn.js'

/** Nodes for a text object: {type: plain_text | mrkdwn, text}. */
export function textNodes(text, names) {
  if (!text) return []
  if (text.type === 'mrkdwn') return mrkdwn(text.text, names)
  return plain(text)
    .split('\n')
    .flatMap((line, index) => (index ? [h('br'), line] : [line]))
}

/** The string of a plain_text object. */
export function plain(text) {
  return withEmoji(text?.text ?? '')
}

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long', month: 'long', day: 'numeric' })

const dateOf = (ts) => new Date(Number.parseFloat(ts) * 1000)

/** A <time> for a message's ts. */
export function time(ts) {
  const date = dateOf(ts)
  return h('time', { datetime: date.toISOString(), title: full.format(date) }, clock.format(date))
}

/** «Today», «Yesterday» or the day's name. */
export function dayOf(ts) {
  const date = dateOf(ts)
  const days = daysFromNow(date)
  if (days === 0) return 'Today'
  return days === -1 ? 'Yesterday' : weekday.format(date)
}

/** «1 reply», «3 replies». */
export function counted(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`
}
