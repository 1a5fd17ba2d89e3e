// What this page knows of the workspace: the snapshot, and every change put into it.

import { isNew, markSeen } from './unread.js'

export const state = {
  ready: false,
  linked: true, // the page's own connection to the workspace
  me: null,
  people: new Map(),
  channels: [],
  app: { name: 'Usher', commands: [], shortcuts: [], online: true, home: true, messages: true },
  messages: new Map(), // channel → Map of ts → message
  home: null,
  modals: [],
  trouble: null, // {view_id, errors, form} of the modal on top
  statuses: new Map(), // "channel/thread" → status
  prompts: new Map(), // channel → {title, prompts}
}

const CHANGES = {
  snapshot: ({ snapshot }) => begin(snapshot),
  message: ({ message }) => put(message),
  deleted: ({ channel, ts }) => state.messages.get(channel)?.delete(ts),
  modals: ({ modals }) => Object.assign(state, { modals, trouble: null }),
  modal_errors: (change) => Object.assign(state, { trouble: change }),
  home: ({ home }) => Object.assign(state, { home }),
  status: setStatus,
  prompts: (change) => state.prompts.set(change.channel, change),
  installed: () => Object.assign(state.workspace, { install: '' }),
  app: ({ online }) => Object.assign(state.app, { online }),
}

/** Put one change into the state. */
export function apply(change) {
  CHANGES[change.type]?.(change)
}

function begin(snapshot) {
  Object.assign(state, {
    ready: true,
    me: snapshot.me,
    workspace: snapshot.workspace,
    people: new Map(snapshot.people.map((person) => [person.id, person])),
    channels: snapshot.channels,
    app: snapshot.app,
    messages: new Map(),
    home: snapshot.home,
    modals: snapshot.modals,
    trouble: null,
    statuses: new Map(),
    prompts: new Map(),
  })
  for (const list of Object.values(snapshot.messages)) list.forEach(put)
  snapshot.statuses.forEach(setStatus)
  snapshot.prompts.forEach((change) => state.prompts.set(change.channel, change))
}

function put(message) {
  if (!state.messages.has(message.channel)) state.messages.set(message.channel, new Map())
  state.messages.get(message.channel).set(message.ts, message)
}

function setStatus(status) {
  const key = `${status.channel}/${status.thread_ts ?? ''}`
  if (status.text || status.loading?.length) state.statuses.set(key, status)
  else state.statuses.delete(key)
}

/** The name of a person or channel. */
export function nameOf(id) {
  return state.people.get(id)?.name ?? state.channels.find((channel) => channel.id === id)?.name ?? id
}

/** All people, or all channels, for the elements that choose among them. */
export function all(kind) {
  if (kind === 'people') return [...state.people.values()].filter((person) => !person.is_bot)
  return state.channels.filter((channel) => channel.kind === 'channel')
}

const byTime = (one, other) => one.time - other.time || (one.ts < other.ts ? -1 : 1)

/** What stands in a channel itself. */
export function roots(channel) {
  return [...(state.messages.get(channel)?.values() ?? [])].filter((one) => !isReply(one)).sort(byTime)
}

/** A thread: its root and the replies. */
export function thread(channel, ts) {
  const all = [...(state.messages.get(channel)?.values() ?? [])]
  return all.filter((one) => one.ts === ts || (isReply(one) && one.thread_ts === ts)).sort(byTime)
}

/** What is known of the threads of a channel: root ts → {people, fresh: how many replies were not looked at}. */
export function threads(channel) {
  const found = new Map()
  const unseen = new Set(unread(channel))
  for (const message of state.messages.get(channel)?.values() ?? []) {
    if (!isReply(message)) continue
    const known = found.get(message.thread_ts) ?? { people: [], fresh: 0 }
    if (!known.people.includes(message.user)) known.people.push(message.user)
    if (unseen.has(message)) known.fresh += 1
    found.set(message.thread_ts, known)
  }
  return found
}

export function isReply(message) {
  return Boolean(message.thread_ts) && message.thread_ts !== message.ts
}

/** Messages of others in a channel that the person has not looked at. */
export function unread(channel) {
  return [...(state.messages.get(channel)?.values() ?? [])].filter(
    (one) => one.user !== state.me && isNew(state.me, one),
  )
}

/** Is that text among the ephemeral messages of the channel? */
export function told(channel, text) {
  return [...(state.messages.get(channel)?.values() ?? [])].some((one) => one.ephemeral && one.text === text)
}

/** The person is looking at these now. */
export function look(messages) {
  markSeen(state.me, messages)
}

export function channelOf(id) {
  return state.channels.find((channel) => channel.id === id)
}

/** The DM with the app. */
export function home() {
  return state.channels.find((channel) => channel.with === state.app.user)
}
