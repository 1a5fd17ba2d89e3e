// A DOM renderer for streaming-markdown that trusts nothing in the text it is given.

import { parser, parser_end, parser_write } from '../vendor/streaming-markdown-0.2.15/smd.min.js'

// The library's token numbers; a test holds them against the vendored file.
export const TOKEN = Object.freeze({
  PARAGRAPH: 2, HEADING_1: 3, HEADING_6: 8, CODE_BLOCK: 9, CODE_FENCE: 10, CODE_INLINE: 11,
  ITALIC_AST: 12, ITALIC_UND: 13, STRONG_AST: 14, STRONG_UND: 15, STRIKE: 16, LINK: 17,
  RAW_URL: 18, IMAGE: 19, BLOCKQUOTE: 20, LINE_BREAK: 21, RULE: 22, LIST_UNORDERED: 23,
  LIST_ORDERED: 24, LIST_ITEM: 25, CHECKBOX: 26, TABLE: 27, TABLE_ROW: 28, TABLE_CELL: 29,
  EQUATION_BLOCK: 30, EQUATION_INLINE: 31,
})
export const ATTR = Object.freeze({ HREF: 1, SRC: 2, LANG: 4, CHECKED: 8, START: 16 })

// The parser nests without limit: 50,000 ">" would make 50,000 elements inside each other.
export const DEEPEST = 16

const T = TOKEN
const ELEMENTS = new Map([
  [T.PARAGRAPH, 'p'], [T.CODE_INLINE, 'code'], [T.ITALIC_AST, 'em'], [T.ITALIC_UND, 'em'],
  [T.STRONG_AST, 'strong'], [T.STRONG_UND, 'strong'], [T.STRIKE, 's'], [T.BLOCKQUOTE, 'blockquote'],
  [T.LINE_BREAK, 'br'], [T.RULE, 'hr'], [T.LIST_UNORDERED, 'ul'], [T.LIST_ORDERED, 'ol'],
  [T.LIST_ITEM, 'li'], [T.LINK, 'a'], [T.RAW_URL, 'a'],
  [T.EQUATION_BLOCK, 'code'], [T.EQUATION_INLINE, 'code'],
])

/** Where a link may lead and the name to show for it, or null when it may lead nowhere. */
export function destination(text) {
  let url
  try {
    url = new URL(text)
  } catch {
    return null // Relative links too: the agent must not point into this application.
  }
  if (url.protocol === 'mailto:') {
    const address = url.pathname
    const single = /^[^\s@,;%?]+@[^\s@,;%?]+$/.test(address)
    return single ? { href: `mailto:${address}`, name: address } : null
  }
  // A user name before the host makes "https://bank.example@evil.example" read wrongly.
  if (url.protocol !== 'https:' || url.username || url.password) return null
  return { href: url.href, name: url.host }
}

class Page {
  constructor(root, image) {
    this.image = image
    this.document = root.ownerDocument
    this.open = [{ node: root, kind: 0 }]
    this.link = null // the one whose label is being written, whatever is nested in it
  }

  get top() {
    return this.open[this.open.length - 1]
  }

  make(name, parent = this.top.node) {
    return parent.appendChild(this.document.createElement(name))
  }

  write(text, node = this.top.node) {
    const last = node.lastChild
    // Growing one text node keeps a reader's selection and halves of a code point together.
    if (last?.nodeType === 3) last.appendData(text)
    else node.appendChild(this.document.createTextNode(text))
  }
}

function build(page, kind) {
  if (kind >= T.HEADING_1 && kind <= T.HEADING_6) {
    return page.make(`h${Math.min(kind, 6)}`) // One "#" becomes h3: the page owns h1 and h2.
  }
  switch (kind) {
    case T.CODE_BLOCK:
    case T.CODE_FENCE:
      return page.make('code', scrolling(page.make('pre')))
    case T.TABLE:
      return scrolling(page.make('table'))
    case T.TABLE_ROW:
      return page.make('tr', section(page))
    case T.TABLE_CELL:
      return page.make(page.top.node.parentNode.localName === 'thead' ? 'th' : 'td')
    default:
      return page.make(ELEMENTS.get(kind) ?? 'span')
  }
}

/** What is wider than the page scrolls by itself, and has to be reached by the keyboard for that. */
function scrolling(node) {
  node.setAttribute('tabindex', '0')
  return node
}

function section(page) {
  const table = page.top.node
  const last = table.lastChild
  if (!last) return page.make('thead', table)
  return last.localName === 'tbody' ? last : page.make('tbody', table)
}

function addToken(page, kind) {
  const deep = page.open.length > DEEPEST
  const node = deep ? page.top.node : build(page, kind)
  page.open.push({ node, kind: deep ? 0 : kind, label: '', name: '' })
  if (page.top.kind === T.LINK || page.top.kind === T.RAW_URL) page.link ??= page.top
  if (kind === T.IMAGE) page.write(`[${page.image}: `)
  if (kind === T.CHECKBOX) page.write('\u2610 ')
}

function endToken(page) {
  if (page.top.kind === T.IMAGE) page.write(']')
  const closed = page.open.pop()
  const { node, label, name } = closed
  if (page.link === closed) page.link = null
  if (name && label.replace(/^https:\/\//, '').split('/')[0] !== name) {
    // Shown beside any other label, so that a dishonest one has no better form.
    page.write(' ', node) // outside: in what is written from the right it would go to the other side of the name
    page.write(`(${name})`, page.make('bdi', node))
  }
}

function addText(page, text) {
  if (page.link) page.link.label += text
  page.write(text)
}

function link(top, value) {
  // The parser ends a bare address at a space only, so it swallows closing punctuation.
  const text = top.kind === T.RAW_URL ? value.replace(/[)\]>*_~`.,;:!?'"]+$/, '') : value
  const found = destination(text)
  if (!found) return
  top.name = found.name
  top.node.setAttribute('href', found.href)
  top.node.setAttribute('rel', 'noopener noreferrer nofollow ugc')
  top.node.setAttribute('target', '_blank')
  top.node.setAttribute('data-leads-to', found.name)
}

function setAttribute(page, attribute, value) {
  const { top } = page
  if (attribute === ATTR.HREF && (top.kind === T.LINK || top.kind === T.RAW_URL)) link(top, value)
  // The library makes this a class, which would lend any of our own styles to the agent's text.
  const plain = /^[A-Za-z0-9+#.-]{1,20}$/.test(value)
  if (attribute === ATTR.LANG && top.kind === T.CODE_FENCE && plain) {
    top.node.setAttribute('data-lang', value)
  }
  if (attribute === ATTR.START && top.kind === T.LIST_ORDERED && /^\d{1,9}$/.test(value)) {
    top.node.setAttribute('start', value)
  }
  if (attribute === ATTR.CHECKED && top.kind === T.CHECKBOX) top.node.textContent = '\u2611 '
}

export function safeRenderer(root, image = 'image') {
  return {
    data: new Page(root, image),
    add_token: addToken,
    end_token: endToken,
    add_text: addText,
    set_attr: setAttribute,
  }
}

/** Writes at most once per painted frame; `end` does not wait for a hidden tab to paint. `image` is the reader's word for one. */
export function pen(root, { nextFrame = requestAnimationFrame, image } = {}) {
  const writing = parser(safeRenderer(root, image))
  let waiting = ''
  const flush = () => {
    if (waiting) parser_write(writing, waiting)
    waiting = ''
  }
  return {
    write(text) {
      if (!waiting) nextFrame(flush)
      waiting += text
    },
    end() {
      flush()
      parser_end(writing)
    },
  }
}
