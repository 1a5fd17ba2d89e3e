// Slack's dates, <!date^1392734382^{date} at {time}|otherwise>, in the reader's own zone and words.

import { h } from '../base/dom.js'

const shown = (options) => {
  const format = new Intl.DateTimeFormat(undefined, options)
  return (date) => format.format(date)
}
const near = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })
const DATES = {
  date: shown({ dateStyle: 'long' }),
  date_short: shown({ dateStyle: 'medium' }),
  date_long: shown({ dateStyle: 'full' }),
}
const clock = shown({ hour: 'numeric', minute: '2-digit' })
const exact = shown({ dateStyle: 'full', timeStyle: 'short' })
const FORMS = {
  ...DATES,
  date_num: (date) => [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-'),
  date_pretty: (date) => pretty(date, DATES.date),
  date_short_pretty: (date) => pretty(date, DATES.date_short),
  date_long_pretty: (date) => pretty(date, DATES.date_long),
  time: clock,
  time_secs: shown({ hour: 'numeric', minute: '2-digit', second: '2-digit' }),
}

const two = (number) => String(number).padStart(2, '0')

/** Days from today's midnight to the date's; 0 is today. */
export function daysFromNow(date) {
  const midnight = (of) => new Date(of.getFullYear(), of.getMonth(), of.getDate())
  return Math.round((midnight(date) - midnight(new Date())) / 86_400_000)
}

function pretty(date, otherwise) {
  const days = daysFromNow(date)
  return Math.abs(days) <= 1 ? near.format(days, 'day') : otherwise(date)
}

/** A <time>, or what stands there otherwise when the date or its form makes no sense. */
export function slackDate(seconds, form, otherwise) {
  const date = new Date(Number(seconds) * 1000)
  const known = [...form.matchAll(/\{(\w+)\}/g)].every(([, name]) => Object.hasOwn(FORMS, name))
  if (Number.isNaN(date.getTime()) || !known) return document.createTextNode(otherwise)
  const words = form.replace(/\{(\w+)\}/g, (whole, name) => FORMS[name](date))
  return h('time', { datetime: date.toISOString(), title: exact(date) }, words)
}
