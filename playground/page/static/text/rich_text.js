// rich_text blocks as DOM.

import { h } from '../base/dom.js'
import { emoji } from '../base/emoji.js'
import { link } from './inline.js'

/** Nodes for the elements of a rich_text block. */
export function richText(elements, names) {
  return elements.map((part) => PARTS[part.type]?.(part, names) ?? null)
}

const STYLES = { bold: 'strong', italic: 'em', strike: 's', code: 'code' }

function styled(node, style) {
  return Object.entries(STYLES).reduce((inner, [name, tag]) => (style?.[name] ? h(tag, {}, inner) : inner), node)
}

const INLINE = {
  text: (part) => part.text.split('\n').flatMap((line, index) => (index ? [h('br'), line] : [line])),
  link: (part) => link(part.url, part.text ?? part.url),
  user: (part, names) => h('span', { class: 'mention' }, `@${names(part.user_id)}`),
  channel: (part, names) => h('span', { class: 'mention' }, `#${names(part.channel_id)}`),
  emoji: (part) => emoji(part.name) ?? `:${part.name}:`,
  broadcast: (part) => h('span', { class: 'mention' }, `@${part.range}`),
}

function run(elements, names) {
  return elements.map((part) => styled(h('span', {}, INLINE[part.type]?.(part, names) ?? ''), part.style))
}

const PARTS = {
  rich_text_section: (part, names) => h('div', { class: 'run' }, run(part.elements, names)),
  rich_text_quote: (part, names) => h('blockquote', {}, run(part.elements, names)),
  rich_text_preformatted: (part, names) => h('pre', {}, h('code', {}, run(part.elements, names))),
  rich_text_list: (part, names) =>
    h(
      part.style === 'ordered' ? 'ol' : 'ul',
      {},
      part.elements.map((item) => h('li', {}, run(item.elements, names))),
    ),
}
