// What was said before the newest fifty: fetched when it is asked for, with the reader left where they are.

import { get } from '../api.js'
import { say } from '../words.js'

export function offerEarlier(link, transcript, scroller, complain) {
  link?.addEventListener('click', async event => {
    event.preventDefault()
    if (link.ariaBusy) return
    link.ariaBusy = 'true'
    const { ok, body } = await get(`older${link.search}`)
    link.ariaBusy = null
    if (!ok) return complain(body.text ?? say('failed'))
    const below = scroller.scrollHeight - scroller.scrollTop
    const first = transcript.prepend(body.items)
    if (body.earlier) link.search = `?before=${body.earlier}`
    else link.parentNode.remove()
    scroller.scrollTop = scroller.scrollHeight - below
    if (!body.earlier) first?.focus({ preventScroll: true }) // what had the focus is gone
  })
}
