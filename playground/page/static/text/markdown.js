// Markdown as DOM, for streamed text and markdown blocks: also while it is still growing.

import { decoded, markdownInline } from './inline.js'
import { h } from '../base/dom.js'

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/
const QUOTE = /^ {0,3}(?:>|&gt;) ?(.*)$/
const DEEPEST = 8

/** Nodes for Markdown text. An open fence reaches to the end. */
export function markdown(text, names, depth = 0) {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const nodes = []
  for (let at = 0; at < lines.length;) {
    const step = KINDS.map((kind) => kind(lines, at, names, depth)).find(Boolean)
    at += step.taken
    if (step.node) nodes.push(step.node)
  }
  return nodes
}

function blank(lines, at) {
  return lines[at].trim() ? null : { taken: 1 }
}

function fence(lines, at) {
  const start = FENCE.exec(lines[at])
  if (!start) return null
  const end = lines.findIndex((line, index) => index > at && line.trim().startsWith(start[1]) && !/[^`~\s]/.test(line))
  const body = lines.slice(at + 1, end < 0 ? lines.length : end)
  const code = h('code', {}, decoded(body.join('\n')))
  return { taken: body.length + (end < 0 ? 1 : 2), node: h('pre', { 'data-language': start[2] || null }, code) }
}

function heading(lines, at, names) {
  const found = HEADING.exec(lines[at])
  // The page owns the first levels: "#" becomes h3.
  return found && { taken: 1, node: h(`h${Math.min(found[1].length + 2, 6)}`, {}, markdownInline(found[2], names)) }
}

function rule(lines, at) {
  return RULE.test(lines[at]) ? { taken: 1, node: h('hr') } : null
}

function quote(lines, at, names, depth) {
  if (!QUOTE.test(lines[at]) || depth >= DEEPEST) return null
  const body = takeWhile(lines, at, (line) => QUOTE.test(line)).map((line) => QUOTE.exec(line)[1])
  return { taken: body.length, node: h('blockquote', {}, markdown(body.join('\n'), names, depth + 1)) }
}

function table(lines, at, names) {
  if (!lines[at].includes('|') || !/^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/.test(lines[at + 1] ?? '')) return null
  const cells = (line) =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim())
  const body = takeWhile(lines, at + 2, (line) => line.includes('|'))
  const row = (line, name) =>
    h(
      'tr',
      {},
      cells(line).map((cell) => h(name, {}, markdownInline(cell, names))),
    )
  const node = h(
    'table',
    {},
    h('thead', {}, row(lines[at], 'th')),
    h(
      'tbody',
      {},
      body.map((line) => row(line, 'td')),
    ),
  )
  return {
    taken: body.length + 2,
    node: h('div', { class: 'wide', tabindex: '0', role: 'group', 'aria-label': 'Table' }, node),
  }
}

function list(lines, at, names, depth) {
  const first = ITEM.exec(lines[at])
  if (!first || depth >= DEEPEST) return null
  const margin = first[1].length
  const ordered = /\d/.test(first[2])
  const items = []
  let next = at
  for (; next < lines.length; next += 1) {
    const item = ITEM.exec(lines[next])
    if (item && item[1].length <= margin + 1) {
      if (item[1].length < margin || /\d/.test(item[2]) !== ordered) break
      items.push([item[3]])
    } else if (/^\s{2,}\S/.test(lines[next]))
      items.at(-1).push(lines[next].replace(new RegExp(`^\\s{1,${margin + 2}}`), ''))
    else if (lines[next].trim() || !belongs(lines[next + 1], margin)) break
  }
  const start = ordered ? parseInt(first[2], 10) : null
  const node = h(
    ordered ? 'ol' : 'ul',
    { start: start === 1 ? null : start },
    items.map((item) => entry(item, names, depth)),
  )
  return { taken: next - at, node }
}

function belongs(line, margin) {
  const item = line === undefined ? null : ITEM.exec(line)
  return (item && item[1].length >= margin) || /^\s{2,}\S/.test(line ?? '')
}

function entry(lines, names, depth) {
  const box = /^\[([ xX])\]\s+(.*)$/.exec(lines[0])
  const body = markdown([box ? box[2] : lines[0], ...lines.slice(1)].join('\n'), names, depth + 1)
  // A tight list shows no paragraphs.
  const plain = body.flatMap((node) => (node.nodeName === 'P' ? [...node.childNodes] : [node]))
  if (!box) return h('li', {}, plain)
  const done = box[1] !== ' '
  return h(
    'li',
    { class: 'todo' },
    h('span', { class: 'tick', role: 'img', 'aria-label': done ? 'Done' : 'Open' }, done ? '✓' : ''),
    plain,
  )
}

function paragraph(lines, at, names) {
  const starts = [FENCE, ITEM, RULE, HEADING, QUOTE]
  const body = takeWhile(
    lines,
    at,
    (line, index) => line.trim() && (index === at || !starts.some((start) => start.test(line))),
  )
  return { taken: body.length, node: h('p', {}, markdownInline(body.map((line) => line.trim()).join('\n'), names)) }
}

const KINDS = [blank, fence, heading, rule, quote, table, list, paragraph]

function takeWhile(lines, at, wanted) {
  const end = lines.findIndex((line, index) => index >= at && !wanted(line, index))
  return lines.slice(at, end < 0 ? lines.length : end)
}
