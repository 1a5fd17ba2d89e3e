// A calculation that a start has to be worked for: beside the page, told on its button, and it can be called off.

import { learn, measured, say } from './words.js'

const WORKER = './vendor/altcha-3.2.2/pbkdf2.js'
const MOST = 4
// The one script that the page's policy lets it start, whatever it is asked for.
const policy = window.trustedTypes?.createPolicy('usher-work', { createScriptURL: () => WORKER })

/** What the server wants to see of it; empty when it was called off. Throws where a browser cannot. */
export async function worked({ challenge, text, words }, button, note) {
  learn(words)
  const workers = Array.from({ length: Math.min(MOST, navigator.hardwareConcurrency || 1) }, started)
  const began = Date.now()
  const tell = () => {
    const seconds = Math.round((Date.now() - began) / 1000)
    button.textContent = say('entry.work_doing', { time: measured(seconds, 'second') })
  }
  const ticking = setInterval(tell, 1000)
  const stop = Object.assign(document.createElement('button'), { type: 'button', className: 'second' })
  stop.textContent = say('entry.work_stop')
  button.after(stop)
  stop.focus()
  note.textContent = text
  note.hidden = false
  tell()
  try {
    const solution = await Promise.race([called(stop), ...workers.map((each, index) => solved(each, index))])
    return solution && btoa(JSON.stringify({ challenge, solution }))
  } finally {
    clearInterval(ticking)
    for (const each of workers) each.terminate()
    stop.remove()
    note.hidden = true
  }

  /** Each worker tries every so manieth number, beginning with its own. */
  function solved(worker, index) {
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => (data?.derivedKey ? resolve(data) : reject(new Error('unsolved')))
      worker.onerror = reject
      worker.postMessage({ type: 'work', challenge, counterStart: index, counterStep: workers.length })
    })
  }
}

function started() {
  return new Worker(policy ? policy.createScriptURL('') : WORKER)
}

function called(stop) {
  return new Promise(resolve => stop.addEventListener('click', () => resolve('')))
}
