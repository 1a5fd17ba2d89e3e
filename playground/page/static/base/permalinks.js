// Addresses of messages in this workspace: they lead there, in the page that is open.

import { go } from './place.js'

const PERMALINK = /^https:\/\/local\.slack\.com\/archives\/(\w+)\/p(\d+)(\d{6})(?:\?(?:.*&)?thread_ts=([\d.]+))?/

/** What a link to a message listens to; nothing for any other address. */
export function toMessage(url) {
  const found = PERMALINK.exec(url)
  if (!found) return {}
  const [, channel, seconds, rest, thread = null] = found
  const lead = (event) => {
    event.preventDefault()
    go({ channel, thread })
    // Once what is there has been drawn.
    requestAnimationFrame(() => show(`${seconds}.${rest}`))
  }
  return { click: lead }
}

function show(ts) {
  const messages = [...document.querySelectorAll('.message')]
  messages.findLast((each) => each.dataset.key === ts)?.scrollIntoView({ block: 'center' })
}
