// The list of places, and the person to act as.

import { avatar } from '../messages/avatar.js'
import { day } from './day.js'
import { h, icon } from '../base/dom.js'
import { openMenu } from '../base/menu.js'
import { go } from '../base/place.js'
import { home, state, unread } from '../base/state.js'
import { counted } from '../text/texts.js'

const ACTING_AS = 'Acting as'

/** The sidebar's nodes; `here` is the place shown. */
export function sidebar(here) {
  const channels = state.channels.filter((channel) => channel.kind === 'channel')
  const direct = state.channels.filter((channel) => channel.kind === 'im' && channel.with !== state.app.user)
  return [
    h(
      'header',
      { class: 'workspace' },
      h('span', { class: 'workspace-mark', 'aria-hidden': 'true' }, icon('workspace')),
      h('div', {}, h('strong', {}, state.workspace.name), h('small', {}, 'A stand-in for Slack, on this machine only')),
    ),
    ...neighbours(),
    h(
      'nav',
      { 'aria-label': 'Places' },
      group('Apps', [home()].filter(Boolean), here),
      group('Channels', channels, here),
      direct.length > 0 && group('Direct messages', direct, here),
    ),
    day(),
    outside(),
    switcher(),
  ]
}

/** The other workspaces, and the way in for an app that is not here yet. */
function neighbours() {
  const { others, install } = state.workspace
  if (!others.length) return []
  const list = h(
    'ul',
    { class: 'neighbours', 'aria-label': 'Other workspaces' },
    others.map((each) => h('li', {}, h('a', { href: each.path }, icon('workspace'), `Go to ${each.name}`))),
    install && h('li', {}, h('a', { class: 'install', href: install }, icon('plug'), `Add ${state.app.name} here`)),
  )
  return [list]
}

/** Beside Slack there is another door, for programs. */
function outside() {
  const note = 'How an editor, or another agent, uses the app: by an access token'
  return h(
    'a',
    { class: 'place outside', href: '/outside', target: '_blank', rel: 'noopener', title: note },
    h('span', { class: 'hash' }, icon('plug')),
    h('span', { class: 'place-name' }, 'An outside program'),
    icon('out'),
  )
}

function group(title, channels, here) {
  const id = `group-${title.replace(/\W/g, '-').toLowerCase()}`
  return h(
    'section',
    { 'aria-labelledby': id },
    h('h2', { id }, title),
    h(
      'ul',
      {},
      channels.map((channel) => line(channel, here)),
    ),
  )
}

function line(channel, here) {
  const count = unread(channel.id).length
  const current = channel.id === here.channel
  const label = count ? `${channel.name}, ${counted(count, 'unread message')}` : null
  const app = channel.with === state.app.user
  return h(
    'li',
    { 'data-key': channel.id },
    h(
      'a',
      {
        class: count ? 'place unread' : 'place',
        href: `#/${state.me}/${channel.id}`,
        'aria-current': current ? 'page' : null,
        'aria-label': label,
      },
      channel.kind === 'channel' ? h('span', { class: 'hash' }, icon('hash')) : avatar(channel.with, 'small'),
      h('span', { class: 'place-name' }, app ? state.app.name : channel.name),
      app && presence(),
      count > 0 && h('span', { class: 'count' }, String(count)),
    ),
  )
}

function presence() {
  const said = state.app.online ? 'Online' : 'Offline'
  return h('span', { class: `presence ${said.toLowerCase()}`, role: 'img', 'aria-label': said, title: said })
}

/** What a person may do in this workspace. */
function rank(person) {
  if (person.visitor) return person.title
  return person.is_owner || person.is_admin ? 'Runs this workspace' : 'Plain member of it'
}

function switcher() {
  const me = state.people.get(state.me)
  const people = [...state.people.values()].filter((person) => !person.is_bot && person.id !== 'USLACKBOT')
  const items = () => [
    { heading: 'Act as' },
    ...people.map((person) => ({
      text: person.id === state.me ? `${person.name} (now)` : person.name,
      note: rank(person),
      choose: () => go({ me: person.id, channel: null }),
    })),
  ]
  return h(
    'button',
    {
      type: 'button',
      class: 'switcher',
      'aria-haspopup': 'menu',
      'aria-label': `${ACTING_AS} ${me.name}. Switch person`,
      on: { click: (event) => openMenu(event.currentTarget, items()) },
    },
    avatar(me.id),
    h('span', { class: 'switcher-name' }, h('small', {}, ACTING_AS), ' ', h('strong', {}, me.name)),
    icon('switch'),
  )
}
