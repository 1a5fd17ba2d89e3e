// The chat page: what is told goes to the transcript and the status line, what is written goes out.

import { post } from '../api.js'
import { say } from '../words.js'
import { Clock } from './clock.js'
import { Composer } from './composer.js'
import { offerEarlier } from './earlier.js'
import { offerEnd, showEnd } from './ending.js'
import { Feed } from './feed.js'
import { askBeforeLeaving } from './leaving.js'
import { Notifying } from './notifying.js'
import { follow } from './scrolling.js'
import { Status } from './status.js'
import { Transcript } from './transcript.js'
import { listen, rated } from './under.js'
import { Who } from './who.js'

const find = id => document.getElementById(id)
const log = find('log')
const title = document.title
const banner = { connection: '', clock: '' }
const CONNECTION = {
  reconnecting: say('reconnecting'),
  offline: say('disconnected'),
  elsewhere: say('elsewhere'),
}
const place = position => Number(position.split('-')[1])
let busy = false
let ended = false

const transcript = new Transcript(log, log.dataset.me)
const toBottom = follow(find('scroller'), find('scroller').firstElementChild, find('bottom'))
const composer = new Composer(find('composer'), location.pathname, {
  sent(text, arrived, files) {
    find('starters')?.remove()
    toBottom()
    if (!status.busy) status.show('sending')
    return transcript.say(text, arrived, files)
  },
  refused({ status: code, body }) {
    if (code === 404) return over(body.reason ?? 'gone', body.text)
    if (status.state === 'sending') status.show('')
    if (body.retry_after && !status.busy) status.limited(body.limit, body.retry_after)
    else composer.complain(body.text ?? say('not_sent_retry'))
  },
  stored(seq, shown) {
    // One that had arrived before stands there already, and is not told again.
    if (place(seq) <= place(feed.after)) shown.takeBack()
    // A person answers when they can: nothing is being written that could be waited for.
    if (who.isPerson && status.state === 'sending') status.show('')
  },
  unsent() {
    if (status.state === 'sending') status.show('')
  },
  stop,
})
const status = new Status(find('status'), {
  onBusy(yes) {
    if (yes && !busy) speak(say('replying'))
    busy = yes
    composer.busy(yes)
  },
  onSpoken: speak,
})
const asking = find('asking')
const who = new Who(find('who'), asking)
const notifying = new Notifying(find('notifying'), text => composer.complain(text))
const clock = new Clock({ now: +log.dataset.now, expires: +log.dataset.expires }, find('closes'), text => show('clock', text))
const feed = new Feed(log.dataset.after, {
  event: (kind, body) => HEARD[kind]?.(body),
  clock: (now, expires) => clock.set(now, expires),
  state: name => {
    document.body.dataset.connection = name
    show('connection', CONNECTION[name] ?? '')
  },
  over,
  wanted: () => notifying.on,
  lost: () => location.reload(),
})
const loaded = +log.dataset.now
const HEARD = {
  message(body) {
    find('starters')?.remove()
    transcript.message(body)
    if (body.author === 'guest') {
      if (status.state === 'paused') status.show('')
      return
    }
    speak(`${body.name}: ${body.text}`)
    if (body.author === 'host') status.show('')
    if (document.hidden) document.title = `● ${title}`
    notifying.tell()
  },
  changed(body) {
    transcript.changed(body)
    speak(`${body.name}: ${body.text}${body.mark ? ` (${body.mark})` : ''}`)
  },
  host(body) {
    transcript.turned(body)
    who.change(body)
    if (who.isPerson) status.show('') // nothing that the assistant was at is waited for any more
    speak(body.text)
  },
  delta(body) {
    transcript.delta(body)
    status.answering()
  },
  tool: body => transcript.step(body),
  rating: body => rated(log, body),
  status({ state, text }) {
    if (!['queued', 'working'].includes(state)) transcript.close()
    status.show(state, text)
  },
  expires({ at, seconds }) {
    clock.until(at + seconds * 1000)
    if (at > loaded) speak(say('more_time'))
  },
  limit: ({ limit, retry_after: seconds }) => status.limited(limit, seconds),
}

function speak(text) {
  if (find('spoken')) find('spoken').textContent = text
}

function show(part, text) {
  banner[part] = text
  const told = banner.connection || banner.clock
  find('banner').hidden = !told
  if (find('banner').textContent !== told) find('banner').textContent = told
}

function over(reason, text) {
  // What was ended can still be deleted.
  if (ended) return void (reason === 'deleted' && showEnd(reason, text))
  ended = true
  feed.stop()
  clock.stop()
  transcript.close()
  composer.forget()
  status.show('')
  show('connection', '')
  show('clock', '')
  who.change({ state: 'over', line: say('ended_mark') })
  find('closes').textContent = ''
  showEnd(reason, text)
}

async function stop() {
  const { ok, body } = await post('stop')
  if (!ok) composer.complain(body.text ?? say('failed'))
  return ok
}

find('starters')?.addEventListener('submit', event => {
  event.preventDefault()
  composer.say(event.submitter.value)
})
asking?.addEventListener('submit', async event => {
  event.preventDefault()
  menu.open = false
  const { ok, body } = await post('person')
  if (!ok) composer.complain(body.text ?? say('failed'))
})
find('retry').addEventListener('click', () => composer.say(transcript.lastQuestion()))
find('edit').addEventListener('click', async () => {
  const text = transcript.lastQuestion()
  if (status.busy && !(await stop())) return
  composer.change(text)
})
document.addEventListener('visibilitychange', () => { document.title = title })
const menu = document.querySelector('.menu')
document.addEventListener('click', ({ target }) => { if (!menu.contains(target)) menu.open = false })
menu.addEventListener('keydown', event => {
  if (event.key !== 'Escape' || !menu.open) return
  event.stopPropagation() // which would stop an answer too
  menu.open = false
  menu.firstElementChild.focus()
})
askBeforeLeaving(log)
offerEarlier(find('earlier'), transcript, find('scroller'), text => composer.complain(text))
listen(log, find('rating'), text => composer.complain(text))
offerEnd(over, text => composer.complain(text))
composer.busy(status.busy)
composer.restoreUnsent()
if (find('tray')) import('../files/tray.js')
if ('old' in log.dataset) location.replace('./') // a page of earlier words is for readers without scripts
else feed.open()
