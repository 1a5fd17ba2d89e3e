// Slack's mrkdwn as DOM: fences and quotes here, the marks inside a line in inline.js.

import { decoded, slackInline } from './inline.js'
import { h } from '../base/dom.js'

/** Nodes for mrkdwn text. */
export function mrkdwn(text, names) {
  return text.split('```').flatMap((part, index, all) => {
    // An odd part stands between two fences; without a closing one the marks are plain text.
    if (index % 2 && index < all.length - 1) return [h('pre', {}, h('code', {}, decoded(part.replace(/^\n|\n$/g, ''))))]
    if (index % 2) return paragraphs('```' + part, names)
    return paragraphs(part, names)
  })
}

function paragraphs(text, names) {
  const nodes = []
  for (const run of runs(text.replace(/^\n+|\n+$/g, '').split('\n'))) {
    const body = slackInline(run.lines.join('\n'), names)
    if (run.quoted) nodes.push(h('blockquote', {}, body))
    else if (body.length) nodes.push(h('div', { class: 'run' }, body))
  }
  return nodes
}

function runs(lines) {
  const found = []
  for (const line of lines) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line)
    const last = found.at(-1)
    if (last && last.quoted === Boolean(quote)) last.lines.push(quote ? quote[1] : line)
    else found.push({ quoted: Boolean(quote), lines: [quote ? quote[1] : line] })
  }
  return found
}
