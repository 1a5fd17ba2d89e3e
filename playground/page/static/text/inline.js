// Marks inside a line of text, for Slack's mrkdwn and for Markdown: both become DOM nodes, never HTML.

import { slackDate } from './dates.js'
import { emoji } from '../base/emoji.js'
import { h } from '../base/dom.js'
import { toMessage } from '../base/permalinks.js'

/** Where a link may lead, or null: http, https and mailto, without a user name that disguises the host. */
export function destination(text) {
  let url
  try {
    url = new URL(text)
  } catch {
    return null
  }
  if (url.protocol === 'mailto:') return url.href
  if (!['http:', 'https:'].includes(url.protocol) || url.username || url.password) return null
  return url.href
}

export function link(url, ...children) {
  const href = destination(url)
  if (!href) return h('span', {}, ...children)
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer', on: toMessage(href) }, ...children)
}

/** An image, when it comes from this machine; the page asks no other host for anything, so the rest are links. */
export function picture({ image_url: url, alt_text: alt }) {
  const near = URL.canParse(url) && (new URL(url).origin === location.origin || url.startsWith('data:image/'))
  return near ? h('img', { src: url, alt }) : link(url ?? '', alt || 'Image')
}

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>' }

export function decoded(text) {
  return text.replace(/&(amp|lt|gt);/g, (name) => entities[name])
}

// Each rule: a sticky pattern and what to make of its match. Letters beside a mark make it plain text.
const before = '(?<![\\p{L}\\p{N}_])'
const after = '(?![\\p{L}\\p{N}_])'

const CODE = { pattern: /(`+)(.+?)\1(?!`)/suy, make: (m) => h('code', {}, decoded(m[2])) }
const EMOJI = { pattern: /:([a-z0-9_+-]+):/uy, make: (m) => emoji(m[1]) }
const BARE = {
  pattern: /https?:\/\/[^\s<>"'`*]*[^\s<>"'`*.,;:!?)\]}]/uy,
  make: (m) => link(decoded(m[0]), decoded(m[0])),
}
const around = (mark, tag, inner) => ({
  pattern: new RegExp(`${before}${mark}(?=\\S)(.+?)(?<=\\S)${mark}${after}`, 'suy'),
  make: (m, parse) => h(tag, {}, parse(m[inner ?? 1])),
})

const SLACK = [
  CODE,
  {
    pattern: /<!date\^(\d+)\^([^<>^|]+)(?:\^[^<>|]*)?\|([^<>]*)>/uy,
    make: (m) => slackDate(m[1], decoded(m[2]), decoded(m[3])),
  },
  { pattern: /<([^<>\s|]+)(?:\|([^<>]*))?>/uy, make: (m, parse, names) => reference(m[1], m[2], names) },
  around('\\*', 'strong'),
  around('_', 'em'),
  around('~', 's'),
  EMOJI,
  BARE,
]

const MARKDOWN = [
  { pattern: /\\([\\`*_{}[\]()#+\-.!|~<>])/uy, make: (m) => document.createTextNode(m[1]) },
  CODE,
  {
    pattern: /!?\[((?:[^[\]]|\[[^\]]*\])*)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\s*\)/uy,
    make: (m, parse) => link(decoded(m[2]), parse(m[1])),
  },
  { pattern: /<([@#!][^<>\s|]*)(?:\|([^<>]*))?>/uy, make: (m, parse, names) => reference(m[1], m[2], names) },
  { pattern: /<((?:https?:|mailto:)[^<>\s|]+)(?:\|([^<>]*))?>/uy, make: (m) => link(m[1], m[2] ?? m[1]) },
  { pattern: /\*\*\*(?=\S)(.+?)(?<=\S)\*\*\*/suy, make: (m, parse) => h('strong', {}, h('em', {}, parse(m[1]))) },
  { pattern: /\*\*(?=\S)(.+?)(?<=\S)\*\*/suy, make: (m, parse) => h('strong', {}, parse(m[1])) },
  around('__', 'strong'),
  { pattern: /~~(?=\S)(.+?)(?<=\S)~~/suy, make: (m, parse) => h('s', {}, parse(m[1])) },
  { pattern: /\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?!\*)/suy, make: (m, parse) => h('em', {}, parse(m[1])) },
  around('_', 'em'),
  EMOJI,
  BARE,
]

function reference(target, label, names) {
  const shown = label ? decoded(label) : null
  if (target.startsWith('@')) return h('span', { class: 'mention' }, `@${shown ?? names(target.slice(1))}`)
  if (target.startsWith('#')) return h('span', { class: 'mention' }, `#${shown ?? names(target.slice(1))}`)
  if (target.startsWith('!')) return h('span', { class: 'mention' }, `@${shown ?? target.slice(1).split('^')[0]}`)
  const url = decoded(target)
  return link(url, shown || url.replace(/^mailto:/, ''))
}

function parse(text, rules, names, depth) {
  const nodes = []
  let plain = ''
  const flush = () => {
    if (plain) nodes.push(...lines(decoded(plain)))
    plain = ''
  }
  for (let at = 0; at < text.length;) {
    const hit = /[\w\s]/.test(text[at]) && text[at] !== 'h' && text[at] !== '_' ? null : match(text, at, rules)
    const made = hit && depth < 8 ? hit.rule.make(hit.m, (inner) => parse(inner, rules, names, depth + 1), names) : null
    if (made) {
      flush()
      nodes.push(made)
      at += hit.m[0].length
    } else plain += text[at++]
  }
  flush()
  return nodes
}

function match(text, at, rules) {
  for (const rule of rules) {
    rule.pattern.lastIndex = at
    const m = rule.pattern.exec(text)
    if (m) return { rule, m }
  }
  return null
}

function lines(text) {
  return text
    .split('\n')
    .flatMap((line, index) => (index ? [h('br'), line] : [line]))
    .filter((part) => part !== '')
}

/** Slack's marks: *bold* _italic_ ~strike~ `code` <url|text> <@U1>. `names` turns an id into a name. */
export const slackInline = (text, names) => parse(text, SLACK, names, 0)

/** Markdown's marks. */
export const markdownInline = (text, names) => parse(text, MARKDOWN, names, 0)
