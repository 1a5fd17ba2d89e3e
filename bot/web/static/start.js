// The invitation: pressing Start, once, with a plain sentence when it does not work; a code first, where one is needed.

import { post } from './api.js'
import { say } from './words.js'

const find = id => document.getElementById(id)
const form = find('start')
const complaint = find('complaint')
const TRIES = 3
const labels = new Map([...form.querySelectorAll('button')].map(each => [each, each.textContent]))

form.addEventListener('submit', async event => {
  event.preventDefault()
  const { consent, ...written } = Object.fromEntries(new FormData(form))
  const pressed = event.submitter ?? find('go')
  const sends = pressed.id !== 'go'
  busy(true, pressed)
  const path = sends ? pressed.formAction : form.action
  const { ok, status, body, off } = await asked(path, { ...written, consent: consent === 'yes' }, pressed)
  if (off) return calledOff(pressed)
  if (ok && !sends) return location.replace(body.chat)
  // The dead page says it in its own words, the same for every reason.
  if (status === 404) return location.reload()
  // Who came back to a chat that has given its place back meanwhile is asked as everybody is.
  if (status === 422 && !form.elements.consent) return location.reload()
  busy(false)
  complaint.textContent = ok ? '' : body.text ?? say('failed')
  complaint.hidden = ok
  complaint.scrollIntoView({ block: 'nearest' })
  if (ok) askForCode()
  else (form.elements.passcode ?? form.elements.code)?.select()
})

/** Asks, and asks again with what the server wants calculated first. */
async function asked(path, fields, pressed) {
  let answer = await post(path, fields)
  for (let tries = 0; answer.body.challenge && tries < TRIES; tries++) {
    let work
    try {
      const { worked } = await import('./work.js')
      work = await worked(answer.body, pressed, find('note'))
    } catch {
      form.submit() // as without scripts: a few may start so, and the page says what helps
      return new Promise(() => {})
    }
    if (!work) return { off: true }
    answer = await post(path, { ...fields, work })
  }
  return answer
}

function calledOff(pressed) {
  busy(false)
  pressed.focus()
}

// A page that comes back from the browser's memory must not stay busy.
addEventListener('pageshow', () => busy(false))

function askForCode() {
  find('send')?.remove()
  for (const id of ['coded', 'go', 'again']) find(id).hidden = false
  const { code } = form.elements
  find('go').disabled = false
  code.required = true
  code.value = ''
  code.focus()
}

function busy(yes, pressed) {
  for (const [button, label] of labels) {
    button.disabled = yes || button.hidden
    button.textContent = button === pressed ? say('opening') : label
  }
}
