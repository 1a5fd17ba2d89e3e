// The invitation: pressing Start, once, with a plain sentence when it does not work.

import { post } from './api.js'
import { say } from './words.js'

const form = document.getElementById('start')
const button = form.querySelector('button')
const complaint = document.getElementById('complaint')
const label = button.textContent

form.addEventListener('submit', async event => {
  event.preventDefault()
  const { key, name, consent } = form.elements
  busy(true)
  const { ok, status, body } = await post(form.action, { key: key.value, name: name.value, consent: consent.checked })
  if (ok) return location.replace(body.chat)
  // The dead page says it in its own words, the same for every reason.
  if (status === 404) return location.reload()
  busy(false)
  complaint.textContent = body.text ?? say('failed')
  complaint.hidden = false
})

// A page that comes back from the browser's memory must not stay busy.
addEventListener('pageshow', () => busy(false))

function busy(yes) {
  button.disabled = yes
  button.textContent = yes ? say('opening') : label
}
